'use strict';

const { parseOptions, usage, UsageError } = require('./options');

function optionsOrExit(args) {
  try {
    const options = parseOptions(args);
    if (!options.help) return options;
    console.log(usage());
    process.exit(0);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\nTry 'run.sh --help'.`);
    process.exit(2);
  }
}

function startFailure(error) {
  if (error.code === 'EADDRINUSE') return `${error.address} port ${error.port} is already in use`;
  return error.message;
}

async function main() {
  const options = optionsOrExit(process.argv.slice(2));
  // Loaded late, so that a bad option is answered without mediasoup.
  const { RoomServer } = require('./room_server');
  const { log } = require('./log');

  const starting = RoomServer.start(options);
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, async () => {
      if (stopping) process.exit(1);
      stopping = true;
      log(`${signal}: closing`);
      const server = await starting;
      await server.close();
      process.exit(0);
    });
  }
  try {
    const server = await starting;
    server.onWorkerDied((error) => {
      console.error(`mediasoup worker died: ${error.message}`);
      process.exit(1);
    });
    if (stopping) return;
    console.log(`listening ${server.url}`);
    if (server.jsonRpcPort) console.log(`listening for JSON-RPC tcp://${options.host}:${server.jsonRpcPort}`);
  } catch (error) {
    console.error(`cannot start: ${startFailure(error)}`);
    process.exit(1);
  }
}

main();

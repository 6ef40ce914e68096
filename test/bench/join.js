'use strict';

// usage: join.js --launch COSOUP_LAUNCH [--rtt MS] [--joins N] [--insecure-ws]
// How many round trips it takes to join a room in which somebody is sending.
//
// A sending peer is in the room, undelayed. Then measured peers join one after the other through a
// relay that delays signalling and media alike (relay.js), each in a process of its own:
//   joined         until joinRoom's `joined` event
//   firstReceived  until the first RTP packet of any consumer is there
//   firstSent      until the server has the first RTP packet of any producer of the measured peer
// all from the start of joinRoom, so connecting, TLS and the WebSocket upgrade are in it (three round
// trips on their own), the start of the process is not. The first two are cosoup-launch's own times.
// The third is taken at the server (first_rtp.js); the start of joinRoom on that clock is when an
// event arrived here less the time that it carries, the least of all events being the truest.
// The packet's own way to the server, half a round trip, is in it.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { parseArgs } = require('node:util');
const { Relay } = require('./relay');

const SERVER = path.join(__dirname, '..', 'server', 'src', 'main.js');
const HOST = '127.0.0.1';
const ROOM = 'bench';
const PATIENCE_MS = 30_000;
const STOP_PATIENCE_MS = 10_000;

const { values: options } = parseArgs({
  options: {
    'launch': { type: 'string' },
    'rtt': { type: 'string', default: '100' },
    'joins': { type: 'string', default: '5' },
    'insecure-ws': { type: 'boolean', default: false },
  },
});
const rttMs = Number(options.rtt);

const nowMs = () => Number(process.hrtime.bigint()) / 1e6;

/** Rejects when `promise` takes too long. */
function within(what, promise, patienceMs = PATIENCE_MS) {
  let timer;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`timeout: ${what}`)), patienceMs);
  });
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}

// ---- child processes ---------------------------------------------------------------------------

const children = new Set();

class Child {
  #lines;
  #log = '';

  constructor(name, command, args, { nodeChannel = false } = {}) {
    this.name = name;
    const stdio = ['ignore', 'pipe', 'pipe', ...(nodeChannel ? ['ipc'] : [])];
    this.process = spawn(command, args, { stdio });
    this.exited = once(this.process, 'exit').then(([status, signal]) => {
      children.delete(this);
      return signal ?? status;
    });
    this.process.stderr.on('data', (data) => { this.#log += data; });
    this.#lines = readline.createInterface({ input: this.process.stdout });
    children.add(this);
  }

  onLine(listener) {
    this.#lines.on('line', listener);
  }

  /** What `promise` gives, unless the process ends before or it takes too long. */
  expect(what, promise) {
    const ended = this.exited.then((status) => {
      throw new Error(`${this.name} ended (${status}) before: ${what}\n${this.#log}`);
    });
    return within(`${what} (${this.name})`, Promise.race([promise, ended]));
  }

  /** Something happened elsewhere that may matter here. */
  check() {}

  async stop() {
    this.process.kill('SIGTERM');
    try {
      await within(`end of ${this.name}`, this.exited, STOP_PATIENCE_MS);
    } catch (error) {
      console.error(error.message);
      this.process.kill('SIGKILL');
      await this.exited;
    }
  }
}

class RoomServer extends Child {
  /** By producer id. */
  #firstRtp = new Map();

  static async start(directory, announcedRtcPort) {
    const server = new RoomServer('room server', process.execPath, [
      '--require', path.join(__dirname, 'first_rtp.js'), SERVER,
      '--host', HOST, '--port', '0', '--cert-dir', directory, '--test-api',
      '--announced-rtc-port', String(announcedRtcPort),
      ...(options['insecure-ws'] ? ['--insecure-ws'] : []),
    ], { nodeChannel: true });
    const listening = new Promise((resolve) => server.onLine((line) => resolve(line)));
    server.url = (await server.expect('listening', listening)).replace('listening ', '');
    server.process.on('message', ({ producerId, atMs }) => {
      server.#firstRtp.set(producerId, atMs);
      for (const child of children) child.check();
    });
    return server;
  }

  get tcpPort() {
    return Number(new URL(this.url).port);
  }

  firstRtpAtMs(producerId) {
    return this.#firstRtp.get(producerId);
  }

  async rtcPort(ca) {
    const { get } = this.url.startsWith('wss') ? require('node:https') : require('node:http');
    const request = get(`${this.url.replace(/^ws/, 'http')}/test/server`, { ca });
    const [response] = await this.expect('answer of the test API', once(request, 'response'));
    const body = Buffer.concat(await response.toArray());
    return JSON.parse(body).rtcPorts.udp;
  }
}

class Launch extends Child {
  events = [];
  /** The start of joinRoom on this process's clock. */
  beganMs = Infinity;
  #listeners = new Set();

  constructor(peerId, url, certificate, ...more) {
    super(peerId, options.launch, [url, '--room', ROOM, '--peer', peerId, '--json',
      ...(url.startsWith('wss') ? ['--ca-file', certificate] : []), ...more]);
    this.onLine((line) => this.#add(JSON.parse(line)));
  }

  /** Resolves to what `condition` returns, once that is true. */
  until(what, condition) {
    return this.expect(what, new Promise((resolve) => {
      const check = () => {
        const result = condition();
        if (!result) return;
        this.#listeners.delete(check);
        resolve(result);
      };
      this.#listeners.add(check);
      check();
    }));
  }

  check() {
    for (const listener of this.#listeners) listener();
  }

  all(name) {
    return this.events.filter(({ event }) => event === name);
  }

  #add(event) {
    this.events.push(event);
    if (event.ms !== undefined) this.beganMs = Math.min(this.beganMs, nowMs() - event.ms);
    this.check();
  }
}

// ---- the measurement ---------------------------------------------------------------------------

const KINDS = 2; // audio and video

async function measureJoin(index, server, url, certificate) {
  const peer = new Launch(`measured-${index}`, url, certificate,
    '--produce', 'test', '--consume', 'discard');
  const joined = await peer.until('joined', () => peer.all('joined')[0]);
  await peer.until('all streams flow', () => peer.all('first-rtp').length >= KINDS
    && peer.all('produced').filter(({ id }) => server.firstRtpAtMs(id)).length >= KINDS);
  const sentAtMs = peer.all('produced').map(({ id }) => server.firstRtpAtMs(id));
  await peer.stop();
  return {
    joined: joined.ms,
    firstReceived: Math.min(...peer.all('first-rtp').map(({ ms }) => ms)),
    firstSent: Math.min(...sentAtMs) - peer.beganMs,
  };
}

const roundTrips = (ms) => Number((ms / rttMs).toFixed(2));

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** `unit` "RoundTrips" or "Ms". */
function figures(joins, unit, convert) {
  const result = {};
  for (const name of ['firstReceived', 'firstSent', 'joined']) {
    const key = `${name}${name === 'joined' ? '' : 'Rtp'}${unit}`;
    const values = joins.map((join) => join[name]);
    result[key] = convert(median(values));
    result[`${key}Min`] = convert(Math.min(...values));
    result[`${key}Max`] = convert(Math.max(...values));
  }
  return result;
}

async function measure(directory) {
  const relay = await Relay.start({ oneWayMs: 0 });
  const server = await RoomServer.start(directory, relay.udpPort);
  const secure = server.url.startsWith('wss');
  const certificate = path.join(directory, 'cert.pem');
  const ca = secure ? fs.readFileSync(certificate) : undefined;
  await relay.connect({ tcpPort: server.tcpPort, udpPort: await server.rtcPort(ca) });

  const sender = new Launch('sender', server.url, certificate, '--produce', 'test', '--consume', 'none');
  await sender.until('all streams are sent', () =>
    sender.all('produced').filter(({ id }) => server.firstRtpAtMs(id)).length >= KINDS);

  relay.oneWayMs = rttMs / 2;
  const url = `${secure ? 'wss' : 'ws'}://${HOST}:${relay.tcpPort}`;
  const joins = [];
  for (let index = 1; index <= Number(options.joins); index += 1) {
    const join = await measureJoin(index, server, url, certificate);
    joins.push(join);
    console.error(`join ${index}: ${Object.entries(join).map(([name, ms]) => `${name} ${Math.round(ms)} ms`).join(', ')}`);
  }
  const { meanMs, maxMs } = relay.lateness;
  await sender.stop();
  await server.stop();
  await relay.close();
  return {
    bench: 'join',
    rttMs,
    url: secure ? 'wss' : 'ws',
    joins: joins.length,
    ...(rttMs > 0 && figures(joins, 'RoundTrips', roundTrips)),
    ...figures(joins, 'Ms', Math.round),
    relayLateMs: Number(meanMs.toFixed(2)),
    relayLateMsMax: Number(maxMs.toFixed(2)),
  };
}

async function main() {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'cosoup-bench-'));
  let status = 1;
  const end = async () => {
    await Promise.all([...children].map((child) => child.stop()));
    fs.rmSync(directory, { recursive: true, force: true });
    process.exit(status);
  };
  let ending = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (!ending) end();
      ending = true;
    });
  }
  try {
    console.log(JSON.stringify(await measure(directory)));
    status = 0;
  } catch (error) {
    console.error(`error: ${error.message}`);
  }
  await end();
}

main();

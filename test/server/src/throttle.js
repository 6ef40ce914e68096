'use strict';

const { execFile } = require('node:child_process');
const os = require('node:os');
const { promisify } = require('node:util');

const run = promisify(execFile);

function interfaceOf(address) {
  const found = Object.entries(os.networkInterfaces())
    .find(([, addresses]) => addresses.some((entry) => entry.address === address));
  if (!found) throw new Error(`no network interface has address ${address}`);
  return found[0];
}

async function tc(args) {
  try {
    await run('tc', args);
  } catch (error) {
    if (error.code === 'ENOENT') throw new Error('cannot throttle: tc is not installed');
    throw new Error(`cannot throttle: ${(error.stderr || error.message).trim()}`);
  }
}

/**
 * Shapes the interface that the server listens on with tc's netem (root only). On loopback one queue
 * carries both directions, so the slower of uplink and downlink counts and each packet takes half the
 * round trip.
 */
class Throttle {
  #host;
  #secret;
  #applied = false;

  constructor({ host, secret }) {
    this.#host = host;
    this.#secret = secret;
  }

  /** Without a configured secret nobody is allowed. */
  isAllowed(secret) {
    return Boolean(this.#secret) && secret === this.#secret;
  }

  async apply({ uplink = 1000000, downlink = 1000000, rtt = 0, packetLoss = 0 }) {
    await tc(['qdisc', 'replace', 'dev', interfaceOf(this.#host), 'root', 'netem',
      'rate', `${Math.min(uplink, downlink)}kbit`, 'delay', `${rtt / 2}ms`, 'loss', `${packetLoss}%`]);
    this.#applied = true;
  }

  async reset() {
    if (!this.#applied) return;
    this.#applied = false;
    await tc(['qdisc', 'del', 'dev', interfaceOf(this.#host), 'root']);
  }
}

module.exports = { Throttle };

'use strict';

const path = require('node:path');
const { once } = require('node:events');
const { spawn } = require('node:child_process');
const readline = require('node:readline');
const { until } = require('../../server/test/support');
const { PATIENCE_MS } = require('./patience');

const PROGRAM = process.env.COSOUP_LAUNCH ??
  path.join(__dirname, '../../../build-release/demos/launch/cosoup-launch');

/** cosoup in the room: a running cosoup-launch. */
class Cosoup {
  events = [];
  stderr = '';

  constructor(url, roomId, peerId, options) {
    this.name = peerId;
    this.#child = spawn(PROGRAM, [url, '--room', roomId, '--peer', peerId, '--json', ...options],
      { stdio: 'pipe' });
    // With 'close' all of its output has been read.
    this.exited = once(this.#child, 'close').then(([status, signal]) => signal ?? status);
    this.#child.stderr.on('data', (text) => { this.stderr += text; });
    readline.createInterface({ input: this.#child.stdout })
      .on('line', (line) => this.events.push(JSON.parse(line)));
  }

  /** The first such event that fits, now or soon. */
  event(name, where = () => true) {
    const matches = (record) => record.event === name && where(record);
    return until(`"${name}" of ${this.name}`, () => {
      const found = this.events.find(matches);
      if (!found && this.#child.exitCode !== null) throw new Error(`${this.name} has ended`);
      return found;
    }, PATIENCE_MS);
  }

  /** With --chat. */
  say(text) {
    this.#child.stdin.write(`${text}\n`);
  }

  count(name) {
    return this.events.filter(({ event }) => event === name).length;
  }

  /** Resolves to the exit status, or the signal that ended it. */
  async stop(signal = 'SIGINT') {
    this.#child.kill(signal);
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE_MS);
    const status = await this.exited;
    clearTimeout(killer);
    return status;
  }

  /** Ends it in order, unless a test has ended it; resolves to what was wrong with that. */
  async close() {
    const killed = this.#child.signalCode === 'SIGKILL';
    const status = await this.stop();
    return status === 0 || killed ? [] : [new Error(`${this.name} ended with ${status}`)];
  }

  report() {
    const events = this.events.map((event) => JSON.stringify(event)).join('\n');
    return `---- ${this.name}: events\n${events}\n---- ${this.name}: stderr\n${this.stderr}`;
  }

  #child;
}

module.exports = { Cosoup };

'use strict';

// The processes of a benchmark: the room server, cosoup-launch, and whatever else.

const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');
const { spawn } = require('node:child_process');
const { once } = require('node:events');

const SERVER = path.join(__dirname, '..', 'server', 'src', 'main.js');
const HOST = '127.0.0.1';
const ROOM = 'bench';
const PATIENCE_MS = 30_000;
const STOP_PATIENCE_MS = 10_000;

const nowMs = () => Number(process.hrtime.bigint()) / 1e6;

/** Rejects when `promise` takes too long. */
function within(what, promise, patienceMs = PATIENCE_MS) {
  let timer;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`timeout: ${what}`)), patienceMs);
  });
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}

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

  /** What it has said on stderr. */
  get log() {
    return this.#log;
  }

  onLine(listener) {
    this.#lines.on('line', listener);
  }

  /** What `promise` gives, unless the process ends before or it takes too long. */
  expect(what, promise, patienceMs = PATIENCE_MS) {
    const ended = this.exited.then((status) => {
      throw new Error(`${this.name} ended (${status}) before: ${what}\n${this.#log}`);
    });
    return within(`${what} (${this.name})`, Promise.race([promise, ended]), patienceMs);
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

  /** `options`: further ones of the server. It writes its certificate into the directory. */
  static async start(directory, options) {
    const server = new RoomServer('room server', process.execPath, [
      '--require', path.join(__dirname, 'first_rtp.js'), SERVER,
      '--host', HOST, '--port', '0', '--cert-dir', directory, '--test-api', ...options,
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

  /** How many producers have sent something. */
  get firstRtpCount() {
    return this.#firstRtp.size;
  }

  get httpUrl() {
    return this.url.replace(/^ws/, 'http');
  }

  async rtcPort(ca) {
    return (await this.http('GET', '/test/server', undefined, { ca })).rtcPorts.udp;
  }

  /** What the HTTP API answers: JSON read, other text as it is. */
  async http(method, resource, body, { ca } = {}) {
    const { request } = this.url.startsWith('wss') ? require('node:https') : require('node:http');
    const call = request(`${this.httpUrl}${resource}`, { method, ca, headers: { origin: this.httpUrl } });
    call.end(body && JSON.stringify(body));
    const [response] = await this.expect(`answer to ${method} ${resource}`, once(call, 'response'));
    const text = Buffer.concat(await response.toArray()).toString();
    if (response.statusCode >= 300) throw new Error(`${method} ${resource}: ${response.statusCode} ${text}`);
    return response.headers['content-type']?.startsWith('application/json') ? JSON.parse(text) : text;
  }
}

/** One that tells its events as JSON, one a line. */
class Reporting extends Child {
  events = [];
  #listeners = new Set();

  constructor(name, command, args) {
    super(name, command, args);
    this.onLine((line) => this.add(JSON.parse(line)));
  }

  /** Resolves to what `condition` returns, once that is true. */
  until(what, condition, patienceMs = PATIENCE_MS) {
    return this.expect(what, new Promise((resolve) => {
      const check = () => {
        const result = condition();
        if (!result) return;
        this.#listeners.delete(check);
        resolve(result);
      };
      this.#listeners.add(check);
      check();
    }), patienceMs);
  }

  check() {
    for (const listener of this.#listeners) listener();
  }

  all(name) {
    return this.events.filter(({ event }) => event === name);
  }

  add(event) {
    this.events.push(event);
    this.check();
  }
}

/** A cosoup-launch in a room. */
class Launch extends Reporting {
  /** The start of joinRoom on this process's clock. */
  beganMs = Infinity;

  constructor(command, peerId, url, certificate, ...more) {
    super(peerId, command, [url, '--room', ROOM, '--peer', peerId, '--json',
      ...(url.startsWith('wss') ? ['--ca-file', certificate] : []), ...more]);
  }

  add(event) {
    if (event.ms !== undefined) this.beganMs = Math.min(this.beganMs, nowMs() - event.ms);
    super.add(event);
  }
}

/**
 * Runs each measurement with a temporary directory, prints what it gives, an object or several, as JSON, and ends
 * the process, with process.exitCode if one has set it.
 */
async function runBenchmark(...measurements) {
  const directory = fs.mkdtempSync(path.join(require('node:os').tmpdir(), 'cosoup-bench-'));
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
    for (const measure of measurements) {
      for (const figures of [await measure(directory)].flat()) console.log(JSON.stringify(figures));
    }
    status = process.exitCode ?? 0;
  } catch (error) {
    console.error(`error: ${error.message}`);
  }
  await end();
}

module.exports = { Child, HOST, Launch, ROOM, Reporting, RoomServer, nowMs, runBenchmark, within };

'use strict';

// A relay on loopback that adds a set delay each way, since the kernel need not have netem.
//
// TCP: loopback answers a SYN at once, and nobody can hold it back from here. So what a client sends
// during the round trip that its connect() would have taken is held for that time: the first bytes
// arrive 1.5 round trips after connect(), as on a real path. Closing is delayed like data. Not
// modelled: bandwidth, loss, slow start (what a join sends fits into the first window).
//
// UDP: every client address gets a socket of its own towards the server, which therefore sees one
// source address per client, as behind a NAT. While there is a bad line (line.js), it decides what gets
// lost and how late the rest is, whatever it is, unless the client has been given a good one of its own.

const dgram = require('node:dgram');
const net = require('node:net');
const { once } = require('node:events');
const { wireBytes } = require('./line');

const HOST = '127.0.0.1';
/** Timers are due on whole milliseconds; less than this too early is as good as on time. */
const EARLY_MS = 0.5;

/** Calls back, each call a set time after it was asked for, and in order unless it may overtake. */
class DelayLine {
  #queue = [];
  #timer = null;
  #lateness;

  constructor(delayMs, lateness) {
    this.delayMs = delayMs;
    this.#lateness = lateness;
  }

  /** `notBefore` delays further; what follows stays behind it. */
  push(deliver, { notBefore = 0, delayMs = this.delayMs, overtakes = false } = {}) {
    const last = overtakes ? 0 : this.#queue.at(-1)?.due ?? 0;
    const due = Math.max(performance.now() + delayMs, notBefore, last);
    const behind = this.#queue.findLastIndex((other) => other.due <= due);
    this.#queue.splice(behind + 1, 0, { due, deliver });
    if (behind < 0) this.#cancel();
    this.#schedule();
  }

  clear() {
    this.#cancel();
    this.#queue = [];
  }

  #cancel() {
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  #schedule() {
    if (this.#timer || this.#queue.length === 0) return;
    const wait = Math.max(0, this.#queue[0].due - performance.now());
    if (wait === 0 && this.delayMs === 0) this.#run();
    else this.#timer = setTimeout(() => this.#run(), wait);
  }

  #run() {
    this.#timer = null;
    while (this.#queue.length > 0) {
      const late = performance.now() - this.#queue[0].due;
      if (late < -EARLY_MS) break;
      const { deliver } = this.#queue.shift();
      this.#lateness.add(late);
      deliver();
    }
    this.#schedule();
  }
}

/** How much later than set the relay was: the machine's share in what is measured. */
class Lateness {
  #sum = 0;
  #count = 0;
  maxMs = 0;

  add(ms) {
    this.#sum += Math.max(0, ms);
    this.#count += 1;
    this.maxMs = Math.max(this.maxMs, ms);
  }

  get meanMs() {
    return this.#count ? this.#sum / this.#count : 0;
  }
}

class TcpRelay {
  #server;
  #target;
  #options;
  #sockets = new Set();

  static async start(target, options) {
    const relay = new TcpRelay(target, options);
    relay.#server.listen(0, HOST);
    await once(relay.#server, 'listening');
    return relay;
  }

  constructor(target, options) {
    this.#target = target;
    this.#options = options;
    this.#server = net.createServer({ allowHalfOpen: true, noDelay: true },
      (client) => this.#accept(client));
  }

  get port() {
    return this.#server.address().port;
  }

  async close() {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client) {
    const { oneWayMs } = this.#options;
    const connected = performance.now() + 2 * oneWayMs;
    const server = net.connect({ ...this.#target, allowHalfOpen: true, noDelay: true });
    this.#pipe(client, server, connected + oneWayMs);
    this.#pipe(server, client, 0);
  }

  #pipe(from, to, notBefore) {
    const line = new DelayLine(this.#options.oneWayMs, this.#options.lateness);
    this.#sockets.add(from);
    from.on('data', (data) => line.push(() => to.write(data), { notBefore }));
    from.on('end', () => line.push(() => to.end(), { notBefore }));
    from.on('error', () => line.push(() => to.destroy(), { notBefore }));
    from.on('close', () => this.#sockets.delete(from));
  }
}

class UdpRelay {
  #socket = dgram.createSocket('udp4');
  #target;
  #options;
  #flows = new Map();

  /** The target may come later; until then packets are dropped. */
  static async start(options) {
    const relay = new UdpRelay(options);
    relay.#socket.bind(0, HOST);
    await once(relay.#socket, 'listening');
    return relay;
  }

  constructor(options) {
    this.#options = options;
    this.#socket.on('message', (data, client) => this.#flow(client)?.fromClient(data));
  }

  get port() {
    return this.#socket.address().port;
  }

  set target(target) {
    this.#target = target;
  }

  exempt(ports) {
    for (const flow of this.#flows.values()) {
      if (ports.includes(flow.port)) flow.isExempt = true;
    }
  }

  async close() {
    for (const flow of this.#flows.values()) flow.close();
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  /** A flow keeps the delay that was set when its first packet came. */
  #flow(client) {
    const key = `${client.address}:${client.port}`;
    if (!this.#flows.has(key) && this.#target) {
      const toClient = (data) => this.#socket.send(data, client.port, client.address);
      this.#flows.set(key, new UdpFlow(this.#target, toClient, this.#options));
    }
    return this.#flows.get(key);
  }
}

class UdpFlow {
  #socket = dgram.createSocket('udp4');
  #target;
  #options;
  #delays;
  /** What the server sees it come from, as soon as there is one. */
  port;
  isExempt = false;

  constructor(target, toClient, options) {
    const { oneWayMs, lateness } = options;
    this.#target = target;
    this.#options = options;
    this.#delays = { up: new DelayLine(oneWayMs, lateness), down: new DelayLine(oneWayMs, lateness) };
    this.#socket.bind(0, HOST, () => { this.port = this.#socket.address().port; });
    this.#socket.on('message', (data) => this.#pass('down', data, () => toClient(data)));
    this.#socket.on('error', () => {}); // as on a real path, the sender learns nothing
  }

  fromClient(data) {
    this.#pass('up', data, () => this.#socket.send(data, this.#target.port, this.#target.host));
  }

  close() {
    this.#delays.up.clear();
    this.#delays.down.clear();
    this.#socket.close();
  }

  #pass(direction, data, deliver) {
    const { line } = this.#options;
    if (!line || this.isExempt) {
      this.#delays[direction].push(deliver);
      return;
    }
    const delayMs = line[direction].next(wireBytes(data), performance.now());
    line.onPacket(direction, data, delayMs === undefined);
    if (delayMs === undefined) return;
    this.#delays[direction].push(deliver, { delayMs, overtakes: line[direction].reorders });
  }
}

/**
 * One address for signalling (tcpPort) and one for media (udpPort). `oneWayMs` may be changed, for
 * connections and flows that begin later.
 */
class Relay {
  static async start({ oneWayMs }) {
    const relay = new Relay();
    relay.#options = { oneWayMs, lateness: new Lateness() };
    relay.#udp = await UdpRelay.start(relay.#options);
    return relay;
  }

  #options;
  #udp;
  #tcp;

  get udpPort() {
    return this.#udp.port;
  }

  get tcpPort() {
    return this.#tcp.port;
  }

  get lateness() {
    return this.#options.lateness;
  }

  set oneWayMs(ms) {
    this.#options.oneWayMs = ms;
  }

  /** A Line of line.js, which from now on is the way of all media instead; undefined: none. */
  set line(line) {
    this.#options.line = line;
  }

  /** Keeps flows, by the ports that the server sees them come from, off any such line. */
  exempt(ports) {
    this.#udp.exempt(ports);
  }

  /** Where to: known late, since the server announces the relay's UDP port. */
  async connect({ host = HOST, tcpPort, udpPort }) {
    this.#udp.target = { host, port: udpPort };
    this.#tcp = await TcpRelay.start({ host, port: tcpPort }, this.#options);
  }

  async close() {
    await Promise.all([this.#udp.close(), this.#tcp?.close()]);
  }
}

module.exports = { Relay };

'use strict';

const assert = require('node:assert');
const dgram = require('node:dgram');
const { once } = require('node:events');
const { after, before, describe, it } = require('node:test');
const { Direction, Line, LossCount, NewestNumbers, readIceUsername, readRtp } = require('./line');
const { Relay } = require('./relay');

const MANY = 100_000;

const fates = (options, seed, count = MANY) => {
  const direction = new Direction(options, seed);
  return Array.from({ length: count }, () => direction.next());
};
const lostAmong = (fate) => fate.filter((delay) => delay === undefined).length;

/** Lengths of the runs of lost packets. */
function runsOf(fate) {
  const runs = [];
  fate.forEach((delay, index) => {
    if (delay !== undefined) return;
    if (index > 0 && fate[index - 1] === undefined) runs[runs.length - 1] += 1;
    else runs.push(1);
  });
  return runs;
}

const mean = (numbers) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

function assertNear(value, expected, tolerance) {
  assert.ok(Math.abs(value - expected) <= tolerance, `${value} is not near ${expected}`);
}

function rtp(ssrc, sequenceNumber, { payloadType = 96, marker = false } = {}) {
  const packet = Buffer.alloc(20);
  packet[0] = 0x80;
  packet[1] = payloadType | (marker ? 0x80 : 0);
  packet.writeUInt16BE(sequenceNumber, 2);
  packet.writeUInt32BE(ssrc, 8);
  return packet;
}

describe('a direction of a bad line', () => {
  it('loses nothing and delays nothing unless it is told to', () => {
    assert.deepStrictEqual(new Set(fates({}, 1)), new Set([0]));
  });

  it('loses the share that it is told to', () => {
    assertNear(lostAmong(fates({ loss: 0.05 }, 1)) / MANY, 0.05, 0.003);
  });

  it('loses one by one at random: runs are as short as chance has them', () => {
    assertNear(mean(runsOf(fates({ loss: 0.1 }, 1))), 1 / 0.9, 0.02);
  });

  it('has the same fate for the same seed, and another for another', () => {
    const options = { loss: 0.05, jitterMs: 40 };
    assert.deepStrictEqual(fates(options, 7), fates(options, 7));
    assert.notDeepStrictEqual(fates(options, 7), fates(options, 8));
  });

  it('loses bursts of the length and as often as it is told to', () => {
    const runs = runsOf(fates({ burst: { begin: 0.005, end: 0.2 } }, 1));
    assertNear(mean(runs), 5, 0.4);
    assertNear(runs.length / MANY, 0.005 * 0.2 / 0.205, 0.0005);
  });

  it('delays each packet by chance between the delay and the jitter above it', () => {
    const delays = fates({ delayMs: 20, jitterMs: 40 }, 1);
    assertNear(Math.min(...delays), 20, 0.1);
    assertNear(Math.max(...delays), 60, 0.1);
    assertNear(mean(delays), 40, 0.5);
  });
});

describe('a direction with a rate', () => {
  const slow = { bytesPerSecond: 100_000, queueMs: 50 }; // 10 ms for 1000 bytes

  /** What becomes of so many packets of 1000 bytes that come at once. */
  const burst = (direction, count, nowMs) => Array.from({ length: count }, () => direction.next(1000, nowMs));

  it('takes a packet as long as its bytes need', () => {
    const direction = new Direction({ ...slow, delayMs: 20 }, 1);
    assert.strictEqual(direction.next(1000, 0), 30);
    assert.strictEqual(direction.next(500, 1000), 25);
  });

  it('lets packets wait for those before them, and drops those that would wait too long', () => {
    const fate = burst(new Direction(slow, 1), 8, 1000);
    assert.deepStrictEqual(fate, [10, 20, 30, 40, 50, 60, undefined, undefined]);
  });

  it('has room again as soon as what waited has gone', () => {
    const direction = new Direction(slow, 1);
    burst(direction, 8, 1000);
    assert.strictEqual(direction.waitMs(1000), 60);
    assert.strictEqual(direction.next(1000, 1009), undefined);
    assert.strictEqual(direction.next(1000, 1010), 60);
    assert.strictEqual(direction.waitMs(1100), 0);
    assert.strictEqual(direction.next(1000, 1100), 10);
  });

  it('has no queue without a rate', () => {
    const direction = new Direction({ queueMs: 0 }, 1);
    assert.deepStrictEqual(new Set(burst(direction, 100, 0)), new Set([0]));
  });

  it('loses by chance what has left the queue: it took its place there', () => {
    const direction = new Direction({ ...slow, loss: 1 }, 1);
    assert.deepStrictEqual(burst(direction, 2, 0), [undefined, undefined]);
    assert.strictEqual(direction.waitMs(0), 20);
  });
});

describe('a direction that changes', () => {
  it('keeps what waits, and takes what comes at the new rate', () => {
    const direction = new Direction({ bytesPerSecond: 100_000 }, 1);
    direction.next(2000, 0);
    direction.change({ bytesPerSecond: 10_000 });
    assert.strictEqual(direction.next(1000, 0), 120);
    direction.change({});
    assert.strictEqual(direction.next(1000, 50), 70);
    assert.strictEqual(direction.next(1000, 120), 0);
  });

  it('can lose everything for a while, and is good again', () => {
    const direction = new Direction({ delayMs: 20 }, 1);
    direction.change({ loss: 1 });
    assert.deepStrictEqual(new Set([...Array(1000)].map(() => direction.next())), new Set([undefined]));
    direction.change({});
    assert.deepStrictEqual(new Set([...Array(1000)].map(() => direction.next())), new Set([0]));
  });
});

describe('a bad line', () => {
  it('may be bad one way only', () => {
    const line = new Line({ rttMs: 40, up: { loss: 1 } }, 1);
    assert.strictEqual(line.up.next(), undefined);
    assert.strictEqual(line.down.next(), 20);
    line.change({ rttMs: 80, down: { loss: 1 } });
    assert.strictEqual(line.up.next(), 40);
    assert.strictEqual(line.down.next(), undefined);
  });

  it('takes half of the round trip each way, and has two different fates', () => {
    const line = new Line({ rttMs: 300, loss: 0.5 }, 1);
    const up = Array.from({ length: 100 }, () => line.up.next());
    const down = Array.from({ length: 100 }, () => line.down.next());
    assert.deepStrictEqual(new Set(up), new Set([150, undefined]));
    assert.notDeepStrictEqual(up, down);
  });
});

describe('an RTP packet', () => {
  it('is told from all else', () => {
    assert.deepStrictEqual(readRtp(rtp(7, 9, { payloadType: 101, marker: true })),
      { ssrc: 7, sequenceNumber: 9, payloadType: 101 });
    assert.strictEqual(readRtp(rtp(7, 9).subarray(0, 11)), undefined);
    assert.strictEqual(readRtp(Buffer.alloc(20, 22)), undefined);
  });

  it('is the newest of its stream, or is sent again', () => {
    const newest = new NewestNumbers();
    const packets = [[1, 65_535], [2, 5], [1, 0], [1, 65_535], [2, 6], [2, 6], [2, 5], [1, 1]];
    assert.deepStrictEqual(packets.map(([ssrc, sequenceNumber]) => newest.advance({ ssrc, sequenceNumber })),
      [true, true, true, false, true, false, false, true]);
  });
});

describe('the count of what is lost', () => {
  const countOf = (...packets) => {
    const count = new LossCount([1, 2]);
    for (const [packet, isLost] of packets) count.add(packet, isLost);
    return { sent: count.sent, lost: count.lost };
  };

  it('counts each stream by itself, across the wrap of the numbers', () => {
    assert.deepStrictEqual(countOf(
      [rtp(1, 65_535), false], [rtp(2, 10), true], [rtp(1, 0), true], [rtp(2, 11, { marker: true }), false],
    ), { sent: 4, lost: 2 });
  });

  it('does not count what is sent again in the same stream, lost or not', () => {
    assert.deepStrictEqual(countOf(
      [rtp(1, 5), true], [rtp(1, 6), false], [rtp(1, 5), true], [rtp(1, 6), true], [rtp(1, 5), false],
    ), { sent: 2, lost: 1 });
  });

  it('does not count other streams, RTCP, STUN and DTLS', () => {
    const senderReport = rtp(1, 6);
    senderReport[1] = 200;
    const binding = Buffer.from('000100002112a442000000010000000100000001', 'hex');
    const handshake = Buffer.alloc(20, 22);
    assert.deepStrictEqual(countOf(
      [rtp(3, 5), true], [senderReport, true], [binding, true], [handshake, true], [Buffer.alloc(1), true],
    ), { sent: 0, lost: 0 });
  });
});

describe('the user name of ICE', () => {
  /** With an attribute before it that is padded. */
  function bindingRequest(username) {
    const message = Buffer.alloc(28 + 4 + username.length);
    message.writeUInt16BE(1, 0);
    message.writeUInt32BE(0x2112a442, 4);
    message.writeUInt16BE(0x8022, 20);
    message.writeUInt16BE(3, 22);
    message.writeUInt16BE(6, 28);
    message.writeUInt16BE(username.length, 30);
    message.write(username, 32);
    return message;
  }

  it('is read from binding requests', () => {
    assert.strictEqual(readIceUsername(bindingRequest('server:client')), 'server:client');
  });

  it('is not in anything else', () => {
    const response = bindingRequest('server:client');
    response.writeUInt16BE(0x0101, 0);
    const other = bindingRequest('server:client');
    other.writeUInt32BE(0, 4);
    const cut = bindingRequest('server:client').subarray(0, 28);
    for (const data of [response, other, cut, rtp(1, 1), Buffer.alloc(3)]) {
      assert.strictEqual(readIceUsername(data), undefined);
    }
  });
});

describe('the relay with a bad line', () => {
  const PACKETS = 200; // a socket holds no more at once
  let relay;
  const echo = dgram.createSocket('udp4');

  before(async () => {
    echo.bind(0, '127.0.0.1');
    echo.on('message', (data, { port, address }) => echo.send(data, port, address));
    await once(echo, 'listening');
    relay = await Relay.start({ oneWayMs: 0 });
    await relay.connect({ tcpPort: 9, udpPort: echo.address().port });
  });

  after(async () => {
    await relay.close();
    echo.close();
  });

  /** What comes back of numbered packets, in its order, until an unnumbered one on a good line does. */
  async function exchange(line) {
    const socket = dgram.createSocket('udp4');
    const received = [];
    const ended = new Promise((resolve) => {
      socket.on('message', (data) => {
        if (data.length === 1) resolve();
        else received.push(data.readUInt16BE());
      });
    });
    const onPacket = line.onPacket;
    let left = 2 * PACKETS;
    const settled = new Promise((resolve) => {
      line.onPacket = (direction, data, isLost) => {
        onPacket?.call(line, direction, data, isLost);
        left -= direction === 'up' && isLost ? 2 : 1;
        if (left === 0) resolve();
      };
    });
    relay.line = line;
    for (let i = 0; i < PACKETS; i += 1) socket.send(Buffer.from([i >> 8, i & 255]), relay.udpPort, '127.0.0.1');
    await settled;
    relay.line = undefined;
    socket.send('x', relay.udpPort, '127.0.0.1');
    await ended;
    socket.close();
    return received;
  }

  it('loses packets both ways, tells of each, and keeps the others in order', async () => {
    const line = new Line({ loss: 0.2, rttMs: 20 }, 3);
    const seen = { up: 0, down: 0, lost: 0 };
    line.onPacket = (direction, _data, isLost) => {
      seen[direction] += 1;
      if (isLost) seen.lost += 1;
    };
    const received = await exchange(line);
    assert.strictEqual(seen.up, PACKETS);
    assert.ok(seen.down < PACKETS && seen.lost > seen.up - seen.down, JSON.stringify(seen));
    assert.strictEqual(received.length, PACKETS - seen.lost);
    assert.deepStrictEqual(received, received.toSorted((a, b) => a - b));
  });

  it('lets packets overtake each other, and loses none of them', async () => {
    const received = await exchange(new Line({ jitterMs: 40 }, 3));
    assert.strictEqual(received.length, PACKETS);
    assert.notDeepStrictEqual(received, received.toSorted((a, b) => a - b));
    assert.deepStrictEqual(received.toSorted((a, b) => a - b), [...Array(PACKETS).keys()]);
  });

  it('lets what is too much for the line wait, and drops what finds the queue full', async () => {
    const ms = 30;
    // Two packets a millisecond: of those that come at once about 60 find room.
    const line = new Line({ up: { bytesPerSecond: 60_000, queueMs: ms } }, 3);
    let lost = 0;
    line.onPacket = (direction, _data, isLost) => { lost += isLost ? 1 : 0; };
    const began = performance.now();
    const received = await exchange(line);
    assert.strictEqual(received.length, PACKETS - lost);
    assert.ok(received.length >= 2 * ms && performance.now() - began >= ms, `${received.length} received`);
    assert.deepStrictEqual(received, received.toSorted((a, b) => a - b));
  });

  it('leaves alone those that it has given a good line', async () => {
    const socket = dgram.createSocket('udp4');
    const sources = [];
    echo.on('message', (_data, { port }) => sources.push(port));
    const exchangeOne = async () => {
      socket.send('x', relay.udpPort, '127.0.0.1');
      await once(socket, 'message');
    };
    await exchangeOne();
    const line = new Line({ loss: 1 }, 3);
    let seen = 0;
    line.onPacket = () => { seen += 1; };
    relay.exempt(sources.slice(-1));
    relay.line = line;
    await exchangeOne();
    assert.strictEqual(seen, 0);
    relay.line = undefined;
    socket.close();
  });

  it('delays both ways', async () => {
    const began = performance.now();
    await exchange(new Line({ rttMs: 200 }, 3));
    assert.ok(performance.now() - began >= 198);
  });
});

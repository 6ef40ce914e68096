'use strict';

// usage: media.js --launch COSOUP_LAUNCH [--seconds S] [--pairs N] [--jobs NAME,…] [--threads]
// What media costs: CPU cores (user and system time of the measured process by wall time) of a
// cosoup-launch that does one job, over a window of S seconds that begins when the media flow.
//   idle             joined, alone
//   publishUntouched sends a WebM of VP8 and Opus as it is
//   publishEncoded   encodes and sends a test picture (640x480 at 30 frames/s) and a tone
//   recordPair       records the pair that somebody sends: 640x480 at 30 frames/s, VP8 of about
//                    800 kbit/s, and Opus
//   consumeDecodedPair  decodes that pair to raw frames
//   recordPairs      records N such pairs (recordNPairsCores)
// Whoever sends is a process of its own that sends the WebM as it is, and is not counted, nor is the
// server. The same jobs are then done by a headless Chromium with mediasoup-client in the server's page,
// with all of its processes counted (chromium*Cores): it decodes what it receives, records with
// MediaRecorder, which encodes anew, and publishes the file by playing and encoding it. --threads tells on stderr which threads of the measured process the time went to.

const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { parseArgs } = require('node:util');
const { ChromiumJob } = require('./chromium');
const { makeClip } = require('./clip');
const { Launch, ROOM, RoomServer, nowMs, runBenchmark, within } = require('./processes');
const { cpuSeconds, loadAverage, statusNumber, threadSeconds } = require('./cpu');

const { values: options } = parseArgs({
  options: {
    'launch': { type: 'string' },
    'seconds': { type: 'string', default: '20' },
    'pairs': { type: 'string', default: '16' },
    'jobs': { type: 'string' },
    'threads': { type: 'boolean', default: false },
    'no-chromium': { type: 'boolean', default: false },
  },
});
const windowMs = Number(options.seconds) * 1000;
const pairs = Number(options.pairs);
const KINDS = 2; // audio and video
const SENDER_LIMIT_BPS = 1_500_000; // as the demo's server had it, so that figures compare
const SETTLE_MS = 3000; // the start of pipelines, the first key frames

class Bench {
  #server;
  #directory;
  #clip;
  #sender;
  figures = {};

  constructor(server, directory, clip) {
    this.#server = server;
    this.#directory = directory;
    this.#clip = clip;
  }

  launch(peerId, ...more) {
    return new Launch(options.launch, peerId, this.#server.url, path.join(this.#directory, 'cert.pem'), ...more);
  }

  async isSending(peer, count) {
    await peer.until(`${count} streams are sent`, () => peer.all('produced')
      .filter(({ id }) => this.#server.firstRtpAtMs(id)).length >= count);
  }

  async isReceiving(peer, count) {
    await peer.until(`${count} streams are received`, () => peer.all('first-rtp').length >= count);
  }

  get untouched() {
    return ['--produce', `file:${this.#clip},loop`];
  }

  /** Lets somebody send so many pairs from now on. */
  async sendPairs(count) {
    await this.#sender?.stop();
    this.#sender = this.launch(`sender-of-${count}`, '--consume', 'none',
      ...Array(count).fill(this.untouched).flat());
    await this.isSending(this.#sender, count * KINDS);
  }

  /** Cores of a peer that does what `words` say, once `ready`; gives its summary. */
  async measure(name, words, ready) {
    const peer = this.launch(name, ...words);
    await peer.until('joined', () => peer.all('joined')[0]);
    await ready(peer);
    await sleep(SETTLE_MS);
    const { pid } = peer.process;
    const threadsBefore = threadSeconds(pid);
    const cpuBefore = cpuSeconds(pid);
    const beganMs = nowMs();
    await peer.expect('the window', sleep(windowMs), windowMs + 10_000);
    const seconds = (nowMs() - beganMs) / 1000;
    const cores = (cpuSeconds(pid) - cpuBefore) / seconds;
    if (options.threads) tellThreads(name, threadsBefore, threadSeconds(pid), seconds);
    const used = { cores, rssMb: statusNumber(pid, 'VmRSS') / 1024, threads: statusNumber(pid, 'Threads') };
    await peer.stop();
    const [summary] = peer.all('summary');
    if (!summary) throw new Error(`${name} gave no summary: ${peer.log}`);
    console.error(`${name}: ${cores.toFixed(4)} cores, ${used.threads} threads, ${used.rssMb.toFixed(0)} MB, load ${loadAverage()[0]}`);
    this.figures[`${name}Cores`] = Number(cores.toFixed(4));
    return { ...used, summary };
  }

  /** The same of a Chromium; `begin` gets it to work. */
  async measureChromium(name, startOptions, begin) {
    if (options['no-chromium']) return;
    const job = await ChromiumJob.start(this.#server.httpUrl, ROOM, { clip: this.#clip, ...startOptions });
    try {
      await begin(job);
      await sleep(SETTLE_MS);
      const { cores, rssMb, threads } = await job.measure(windowMs);
      const key = `chromium${name[0].toUpperCase()}${name.slice(1)}`;
      console.error(`${key}: ${cores.toFixed(4)} cores, ${threads} threads, ${rssMb.toFixed(0)} MB, load ${loadAverage()[0]}`);
      this.figures[`${key}Cores`] = Number(cores.toFixed(4));
      if (name === 'recordPair') this.figures.chromiumRssMb = Math.round(rssMb);
      if (name.startsWith('record')) this.figures[`${key}Kbytes`] = Math.round(await job.recordedBytes() / 1000);
    } finally {
      await job.stop();
    }
  }

  /** A peer of the room sends so many streams, as the server sees it. */
  async arrives(count) {
    const all = async () => {
      while (this.#server.firstRtpCount < count) await sleep(100);
    };
    await within(`${count} streams arrive`, all());
  }

  /** Streams that have arrived at the server since it began. */
  get arrived() {
    return this.#server.firstRtpCount;
  }
}

function tellThreads(job, before, after, seconds) {
  const rows = [...after].map(([name, { sum, threads }]) =>
    ({ name, threads, cores: (sum - (before.get(name)?.sum ?? 0)) / seconds }));
  for (const { name, threads, cores } of rows.sort((a, b) => b.cores - a.cores)) {
    if (cores > 0) console.error(`  ${job} ${cores.toFixed(4)} ${name} (${threads})`);
  }
}

const lostOf = (summary) => summary.consumed.reduce((sum, { lost }) => sum + lost, 0);

const kbpsOf = (summary, kind) => Math.round(summary.produced.filter((each) => each.kind === kind)
  .reduce((sum, { bytes }) => sum + bytes, 0) * 8 / 1000 / (windowMs + SETTLE_MS) * 1000);

function checkRecordings(summary, count) {
  if (summary.recordings.length < count) throw new Error(`${summary.recordings.length} recordings of ${count}`);
}

const jobs = {
  async idle(bench) {
    await bench.measure('idle', ['--consume', 'discard'], () => {});
    await bench.measureChromium('idle', {}, () => {});
  },
  async publishUntouched(bench) {
    await bench.measure('publishUntouched', ['--consume', 'none', ...bench.untouched],
      (peer) => bench.isSending(peer, KINDS));
    const before = bench.arrived;
    await bench.measureChromium('publishUntouched', {}, async (job) => {
      await job.sendClip();
      await bench.arrives(before + KINDS);
    });
  },
  async publishEncoded(bench) {
    const { summary } = await bench.measure('publishEncoded', ['--consume', 'none', '--produce', 'test'],
      (peer) => bench.isSending(peer, KINDS));
    bench.figures.publishEncodedVideoKbps = kbpsOf(summary, 'video');
    const before = bench.arrived;
    await bench.measureChromium('publishEncoded', { sends: true }, () => bench.arrives(before + KINDS));
  },
  async recordPair(bench, directory) {
    await bench.sendPairs(1);
    const { summary, rssMb, threads } = await bench.measure('recordPair',
      ['--consume', `record:${directory}/one`], (peer) => bench.isReceiving(peer, KINDS));
    checkRecordings(summary, 1);
    Object.assign(bench.figures, { rssMb: Math.round(rssMb), threads, recordPairLost: lostOf(summary) });
    await bench.measureChromium('recordPair', {}, async (job) => {
      await job.receives(KINDS);
      await job.record();
    });
  },
  async consumeDecodedPair(bench) {
    await bench.sendPairs(1);
    const { summary } = await bench.measure('consumeDecodedPair', ['--consume', 'frames'],
      (peer) => bench.isReceiving(peer, KINDS));
    const video = summary.frames.streams.find(({ kind }) => kind === 'video');
    if (!video?.format.startsWith('video/x-raw')) throw new Error('nothing was decoded');
    bench.figures.decodedFramesPerSecond = Number(video.rate.toFixed(1));
    await bench.measureChromium('consumeDecodedPair', {}, (job) => job.receives(KINDS));
  },
  async recordPairs(bench, directory) {
    await bench.sendPairs(pairs);
    const { summary, rssMb } = await bench.measure(`record${pairs}Pairs`,
      ['--consume', `record:${directory}/many`], (peer) => bench.isReceiving(peer, pairs * KINDS));
    checkRecordings(summary, pairs);
    bench.figures[`record${pairs}PairsRssMb`] = Math.round(rssMb);
    bench.figures[`record${pairs}PairsLost`] = lostOf(summary);
    await bench.measureChromium(`record${pairs}Pairs`, {}, async (job) => {
      await job.receives(pairs * KINDS);
      await job.record();
    });
  },
};

async function measureAll(directory) {
  const clip = path.join(directory, 'clip.webm');
  await makeClip(clip);
  const server = await RoomServer.start(directory, ['--insecure-ws', '--max-incoming-bitrate', String(SENDER_LIMIT_BPS)]);
  const bench = new Bench(server, directory, clip);
  const loadBefore = loadAverage()[0];
  const chosen = options.jobs ? options.jobs.split(',') : Object.keys(jobs);
  for (const name of chosen) {
    if (!jobs[name]) throw new Error(`there is no job ${name}; jobs: ${Object.keys(jobs).join(', ')}`);
    await jobs[name](bench, directory);
  }
  return {
    bench: 'media',
    seconds: windowMs / 1000,
    ...bench.figures,
    loadBefore,
    loadAfter: loadAverage()[0],
  };
}

runBenchmark(measureAll);

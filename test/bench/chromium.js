'use strict';

// The same jobs done by a headless Chromium with mediasoup-client, in the server's page.

const { setTimeout: sleep } = require('node:timers/promises');
const { nowMs, within } = require('./processes');
const { cpuSeconds, processTree, statusNumber } = require('./cpu');

const PATIENCE_MS = 60_000;

/* global document, window, navigator, DOMException, MediaRecorder, MediaStream, MediaStreamTrackProcessor */

/** For a page that sends nothing. */
function withoutDevices() {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('none', 'NotAllowedError'));
}

/** How many consumers have received anything. */
async function flowingStreams() {
  const reports = await Promise.all(window.room.consumers.map((consumer) => consumer.getStats()));
  return reports.filter((report) => [...report.values()].some((entry) =>
    entry.type === 'inbound-rtp' && entry.packetsReceived > 0)).length;
}

/** The last reports of inbound-rtp by kind. */
async function inboundStats() {
  const reports = await Promise.all(window.room.consumers.map((consumer) => consumer.getStats()));
  const inbound = reports.flatMap((report) => [...report.values()]).filter(({ type }) => type === 'inbound-rtp');
  return Object.fromEntries(inbound.map((entry) => [entry.kind, entry]));
}

/** Records each pair as it comes: the page's own choice of codecs is asked for VP8 and Opus. */
function recordAll() {
  const of = (kind) => window.room.consumers.filter((each) => each.kind === kind);
  const videos = of('video');
  window.recordedBytes = 0;
  window.recorders = of('audio').map((audio, index) => {
    const stream = new MediaStream([audio.track, videos[index].track]);
    const recorder = new MediaRecorder(stream,
      { mimeType: 'video/webm;codecs=vp8,opus', videoBitsPerSecond: 800_000, audioBitsPerSecond: 64_000 });
    recorder.ondataavailable = ({ data }) => { window.recordedBytes += data.size; };
    recorder.start(1000);
    return recorder;
  });
}

/** Plays the clip and sends what is played. */
async function sendClip(url) {
  const video = document.createElement('video');
  Object.assign(video, { src: url, loop: true });
  document.body.append(video);
  await video.play();
  const tracks = video.captureStream().getTracks();
  await Promise.all(tracks.map((track) => window.room.outgoing.add(track)));
}

/** Notes when the camera captured which of the known pictures (known_picture.hpp). */
function watchCamera() {
  const CELLS = 16;
  const CHECK_BITS = 5;
  const numberOf = async (picture) => {
    const { width } = picture.visibleRect;
    const bytes = new Uint8Array(2 * width * 4);
    await picture.copyTo(bytes, { rect: { x: 0, y: 24, width, height: 2 } }); // luma comes first
    const cells = Array.from({ length: CELLS }, (_, cell) => bytes[Math.floor((cell + 0.5) * width / CELLS)]);
    const bits = cells.slice(2).reduce((sum, luma) => 2 * sum + (luma > (cells[0] + cells[1]) / 2 ? 1 : 0), 0);
    return bits >> CHECK_BITS;
  };
  const track = window.room.outgoing.tracks.find(({ kind }) => kind === 'video');
  const pictures = new MediaStreamTrackProcessor({ track, maxBufferSize: 100 }).readable.getReader();
  const camera = { captured: [], zeroMs: Infinity }; // on a clock of its own, and when that was 0
  window.camera = camera;
  const note = async () => {
    for (let next = await pictures.read(); !next.done; next = await pictures.read()) {
      const ms = next.value.timestamp / 1000;
      camera.zeroMs = Math.min(camera.zeroMs, Date.now() - ms);
      camera.captured.push([ms, await numberOf(next.value)]);
      next.value.close();
    }
  };
  note();
}

class ChromiumJob {
  #server;
  #browser;
  #page;

  /**
   * A fresh browser in the room; `sends`: its fake camera, which shows `camera` again and again if that is
   * given, an MJPEG file, and its fake microphone.
   */
  static async start(httpUrl, roomId, { sends = false, camera, clip } = {}) {
    const { chromium } = require('playwright-core');
    const job = new ChromiumJob();
    job.#server = await chromium.launchServer({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      chromiumSandbox: false,
      args: [
        '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required',
        '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
        ...(camera ? [`--use-file-for-fake-video-capture=${camera}`] : []),
      ],
    });
    job.#browser = await chromium.connect(job.#server.wsEndpoint());
    const page = await job.#browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    if (!sends) await page.addInitScript(withoutDevices);
    if (clip) await page.route('**/clip.webm', (route) => route.fulfill({ path: clip, contentType: 'video/webm' }));
    await page.goto(`${httpUrl}/?${new URLSearchParams({ room: roomId, name: 'Chromium' })}`);
    await page.waitForFunction(() => window.room);
    job.#page = page;
    return job;
  }

  get pid() {
    return this.#server.process().pid;
  }

  async receives(streams) {
    const all = async () => {
      while (await this.#page.evaluate(flowingStreams) < streams) await sleep(200);
    };
    await within(`Chromium receives ${streams} streams`, all(), PATIENCE_MS);
  }

  /** {video, audio}: what RTCInboundRtpStreamStats says of a pair. */
  inboundStats() {
    return this.#page.evaluate(inboundStats);
  }

  /** From now on captureTimes() knows when its camera, which shows the known pictures, captured them. */
  async watchCamera() {
    await this.#page.waitForFunction(() => window.room.outgoing.has('video'));
    await this.#page.evaluate(watchCamera);
  }

  /** Of each picture [ms since 1970, number]. */
  captureTimes() {
    return this.#page.evaluate(() => window.camera.captured.map(([ms, number]) => [ms + window.camera.zeroMs, number]));
  }

  /** Records all pairs that are there. */
  record() {
    return this.#page.evaluate(recordAll);
  }

  /** Plays the clip of start() and sends it. */
  sendClip() {
    return this.#page.evaluate(sendClip, '/clip.webm');
  }

  /** Bytes that have been recorded so far. */
  recordedBytes() {
    return this.#page.evaluate(() => window.recordedBytes);
  }

  /** Cores, memory and threads of all its processes over a window. */
  async measure(windowMs) {
    const before = cpuSeconds(this.pid, { tree: true });
    const beganMs = nowMs();
    await sleep(windowMs);
    const cores = (cpuSeconds(this.pid, { tree: true }) - before) / ((nowMs() - beganMs) / 1000);
    const members = processTree(this.pid);
    const sum = (name) => members.reduce((total, pid) => total + statusNumber(pid, name), 0);
    return { cores, rssMb: sum('VmRSS') / 1024, threads: sum('Threads') };
  }

  async stop() {
    await this.#browser?.close();
    await this.#server.close();
  }
}

module.exports = { ChromiumJob };

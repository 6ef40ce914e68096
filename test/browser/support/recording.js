'use strict';

const { execFile } = require('node:child_process');
const { promisify } = require('node:util');
const { PATIENCE_MS } = require('./patience');

const FRAME = { width: 64, height: 48 };
const limits = { timeout: PATIENCE_MS, maxBuffer: 1 << 28 };
const run = promisify(execFile);

/** The codecs of a file by media kind, in gst-discoverer's words. */
async function codecsOf(file) {
  const { stdout } = await run('gst-discoverer-1.0', [file], limits);
  const kinds = stdout.matchAll(/^ *(audio|video) *#\d+: (.+)$/gm);
  return Object.fromEntries([...kinds].map(([, kind, codec]) => [kind, codec]));
}

/** What comes out of a GStreamer pipeline that begins with the demuxed file. */
async function decode(file, ...pipeline) {
  const words = ['-q', 'filesrc', `location=${file}`, '!', 'matroskademux', '!', ...pipeline, '!', 'fdsink'];
  const { stdout } = await run('gst-launch-1.0', words, { ...limits, encoding: 'buffer' });
  return stdout;
}

/** Its pictures, small and in grey: an array of bytes each. */
async function picturesOf(file) {
  const { width, height } = FRAME;
  const bytes = await decode(file, 'vp8dec', '!', 'videoconvert', '!', 'videoscale', '!',
    `video/x-raw,format=GRAY8,width=${width},height=${height},pixel-aspect-ratio=1/1`);
  return Array.from({ length: bytes.length / (width * height) },
    (_, i) => bytes.subarray(i * width * height, (i + 1) * width * height));
}

/** Its sound, as 16 bit samples. */
async function samplesOf(file) {
  const bytes = await decode(file, 'opusdec', '!', 'audioconvert', '!', 'audio/x-raw,format=S16LE,channels=1');
  return new Int16Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 2));
}

module.exports = { codecsOf, picturesOf, samplesOf };

'use strict';

// Functions that playwright runs inside the page; each must be whole by itself.

/* global window, document, AudioContext */

async function inboundStatistics({ peerId, kind }) {
  const consumer = window.room.consumers.find((each) => each.appData.peerId === peerId && each.kind === kind);
  if (!consumer) return undefined;
  return [...(await consumer.getStats()).values()].find(({ type }) => type === 'inbound-rtp');
}

function showFrames({ peerId, count, patience }) {
  const video = document.querySelector(`.tile[data-peer="${peerId}"] video`);
  return new Promise((resolve, reject) => {
    let shown = 0;
    const limit = setTimeout(() => reject(new Error(`${shown} of ${count} frames shown`)), patience);
    const onFrame = () => {
      shown += 1;
      if (shown < count) {
        video.requestVideoFrameCallback(onFrame);
        return;
      }
      clearTimeout(limit);
      resolve();
    };
    video.requestVideoFrameCallback(onFrame);
  });
}

function coloursOf({ peerId, places }) {
  const video = document.querySelector(`.tile[data-peer="${peerId}"] video`);
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const context = canvas.getContext('2d');
  context.drawImage(video, 0, 0);
  return places.map(({ x, y }) =>
    [...context.getImageData(x * canvas.width, y * canvas.height, 1, 1).data.slice(0, 3)]);
}

/** Lets loudestFrequency() hear someone. */
function listen({ peerId }) {
  const { srcObject } = document.querySelector(`.tile[data-peer="${peerId}"] audio`);
  const context = new AudioContext();
  window.analyser = context.createAnalyser();
  window.analyser.fftSize = 8192;
  context.createMediaStreamSource(srcObject).connect(window.analyser);
}

/** In Hz; 0 in silence. */
function loudestFrequency() {
  const { analyser } = window;
  const levels = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(levels);
  const loudest = levels.indexOf(Math.max(...levels));
  return levels[loudest] > -60 ? (loudest * analyser.context.sampleRate) / analyser.fftSize : 0;
}

module.exports = { coloursOf, inboundStatistics, listen, loudestFrequency, showFrames };

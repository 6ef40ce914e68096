'use strict';

const { Child } = require('./processes');

const CLIP_SECONDS = 10;

/** Makes the file that is sent: VP8 of 640x480 at 30 frames/s with a key frame every two seconds, and Opus. */
async function makeClip(file) {
  const words = `webmmux name=mux ! filesink location=${file}
    videotestsrc pattern=zone-plate kx2=12 ky2=12 kt=2 num-buffers=${CLIP_SECONDS * 30}
    ! video/x-raw,format=I420,width=640,height=480,framerate=30/1
    ! vp8enc deadline=1 cpu-used=8 end-usage=cbr target-bitrate=800000 keyframe-max-dist=60 min-quantizer=4
    ! queue ! mux.
    audiotestsrc wave=pink-noise volume=0.1 samplesperbuffer=960 num-buffers=${CLIP_SECONDS * 50}
    ! audio/x-raw,rate=48000,channels=2 ! opusenc bitrate=64000 ! queue ! mux.`.split(/\s+/);
  const child = new Child('gst-launch-1.0', 'gst-launch-1.0', ['-q', ...words]);
  const status = await child.exited;
  if (status !== 0) throw new Error(`the clip could not be made: ${child.log}`);
}

module.exports = { makeClip };

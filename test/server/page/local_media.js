// Camera and microphone.

const WANTED = {
  audio: true,
  video: { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } },
};

async function open(kinds) {
  const constraints = Object.fromEntries(kinds.map((kind) => [kind, WANTED[kind]]));
  const stream = await navigator.mediaDevices.getUserMedia(constraints);
  return stream.getTracks();
}

/**
 * The tracks of what there is: both, one of them or none, with `problem` telling what is missing and
 * why.
 */
export async function openLocalMedia() {
  // Browsers hide the devices from pages that came over plain HTTP, unless from the same machine.
  if (!navigator.mediaDevices) return { tracks: [], problem: 'no camera or microphone without HTTPS' };
  try {
    return { tracks: await open(['audio', 'video']) };
  } catch (error) {
    const problem = `camera or microphone: ${error.message}`;
    if (error.name === 'NotAllowedError') return { tracks: [], problem };
    // One that is missing or taken fails the pair; the other may still serve.
    const found = await Promise.allSettled([open(['audio']), open(['video'])]);
    return { tracks: found.flatMap(({ value }) => value ?? []), problem };
  }
}

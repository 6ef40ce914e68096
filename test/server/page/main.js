// The page: asks for a room and a name, unless the address has them, and then shows the room.
import { openLocalMedia } from './local_media.js';
import { RoomClient } from './room_client.js';
import { RoomView } from './room_view.js';

const welcome = document.getElementById('welcome');
const roomElement = document.getElementById('room');

function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return `browser-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

function show(element) {
  for (const other of [welcome, roomElement]) other.hidden = other !== element;
}

function askForRoom({ room = '', name = '', reason = '' }) {
  welcome.elements.room.value = room;
  welcome.elements.name.value = name;
  const explanation = welcome.querySelector('.reason');
  explanation.textContent = reason;
  explanation.hidden = !reason;
  show(welcome);
}

function enterRoom(roomName, name) {
  document.title = `${roomName} – cosoup room`;
  const url = location.origin.replace(/^http/, 'ws');
  const room = new RoomClient(url, roomName, { id: randomId(), displayName: name });
  const { outgoing } = room;
  let left = false;

  // What the user asked for and did not get is said, and the stay goes on.
  const attempt = (action) => async (...values) => {
    try {
      await action(...values);
    } catch (error) {
      room.tell('problem', { error });
    }
  };
  const startSending = attempt(async () => {
    const { tracks, problem } = await openLocalMedia();
    if (left) return tracks.forEach((track) => track.stop());
    view.showProblem(problem ?? '');
    await Promise.all(tracks.map((track) => outgoing.add(track)));
  });
  const stopSending = attempt(() => Promise.all(['audio', 'video'].map((kind) => outgoing.remove(kind))));
  const toggleMuted = attempt((kind) => outgoing.setMuted(kind, !outgoing.isMuted(kind)));

  const view = new RoomView(roomElement, roomName, room,
    { toggleMuted, startSending, stopSending, leave: () => room.leave() });
  room.addEventListener('state', ({ detail: { state, reason } }) => {
    if (state !== 'closed') return;
    left = true;
    stopSending();
    askForRoom({ room: roomName, name, reason });
  });
  show(roomElement);
  room.connect();
  startSending();
  window.room = room; // for the curious at the console, and for tests
}

welcome.addEventListener('submit', (submission) => {
  submission.preventDefault();
  const { room, name } = Object.fromEntries(new FormData(welcome));
  history.replaceState(null, '', `?${new URLSearchParams({ room, name })}`);
  enterRoom(room, name);
});

const { room, name } = Object.fromEntries(new URLSearchParams(location.search));
if (room) enterRoom(room, name || 'Guest');
else askForRoom({ room: 'demo', name });

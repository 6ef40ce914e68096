// What is seen and heard of one person.

/** A tile in the grid. Each stream has a media element of its own: a person may send several. */
export class Tile {
  #element = document.createElement('section');
  #label = document.createElement('span');
  #muted = document.createElement('span');
  #streams = new Map(); // id -> {kind, media, paused}

  /** `own`: mirrored, and never heard. */
  constructor(parent, name, { own = false, peerId } = {}) {
    this.own = own;
    this.#element.className = own ? 'tile own' : 'tile';
    if (peerId) this.#element.dataset.peer = peerId;
    this.#label.className = 'label';
    this.#muted.className = 'muted';
    this.#muted.textContent = 'muted';
    this.#element.append(this.#label, this.#muted);
    this.rename(name);
    this.#showMuted();
    parent.append(this.#element);
  }

  rename(name) {
    this.name = name;
    this.#label.textContent = this.own ? `${name} (you)` : name;
    this.#element.dataset.initial = [...name][0]?.toUpperCase() ?? '?';
    this.#element.setAttribute('aria-label', name);
  }

  add(id, track, paused = false) {
    const media = document.createElement(track.kind);
    media.srcObject = new MediaStream([track]);
    media.autoplay = true;
    media.playsInline = true;
    media.muted = this.own;
    this.#element.prepend(media);
    this.#streams.set(id, { kind: track.kind, media, paused });
    this.setPaused(id, paused);
    this.#play(media);
  }

  remove(id) {
    const stream = this.#streams.get(id);
    if (!stream) return;
    stream.media.srcObject = null;
    stream.media.remove();
    this.#streams.delete(id);
    this.#showMuted();
  }

  setPaused(id, paused) {
    const stream = this.#streams.get(id);
    if (!stream) return;
    stream.paused = paused;
    stream.media.classList.toggle('paused', paused);
    this.#showMuted();
  }

  setSpeaking(speaking) {
    this.#element.classList.toggle('speaking', speaking);
  }

  close() {
    for (const id of [...this.#streams.keys()]) this.remove(id);
    this.#element.remove();
  }

  #showMuted() {
    const audio = [...this.#streams.values()].filter(({ kind }) => kind === 'audio');
    this.#muted.hidden = audio.length === 0 || audio.some(({ paused }) => !paused);
  }

  /** Browsers may want a click first, from someone who has not given them the microphone. */
  async #play(media) {
    try {
      await media.play();
    } catch (error) {
      if (error.name === 'NotAllowedError') this.#askForClick();
    }
  }

  #askForClick() {
    if (this.#element.querySelector('.unblock')) return;
    const button = document.createElement('button');
    button.className = 'unblock';
    button.textContent = 'Play';
    button.addEventListener('click', () => {
      button.remove();
      for (const { media } of this.#streams.values()) this.#play(media);
    });
    this.#element.append(button);
  }
}

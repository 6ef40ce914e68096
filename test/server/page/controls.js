// The buttons below the tiles.

const DEVICES = {
  microphone: { kind: 'audio', mute: 'Mute microphone', unmute: 'Unmute microphone' },
  camera: { kind: 'video', mute: 'Turn camera off', unmute: 'Turn camera on' },
};

export class Controls {
  #element;
  #outgoing;

  /** `actions` is {toggleMuted(kind), startSending(), stopSending(), leave()}. */
  constructor(element, outgoing, actions) {
    this.#element = element;
    this.#outgoing = outgoing;
    for (const [name, { kind }] of Object.entries(DEVICES)) {
      this.#button(name).onclick = () => actions.toggleMuted(kind);
    }
    this.#button('sending').onclick = () =>
      (this.#sends ? actions.stopSending() : actions.startSending());
    this.#button('leave').onclick = () => actions.leave();
    this.update();
  }

  update() {
    for (const [name, { kind, mute, unmute }] of Object.entries(DEVICES)) {
      const muted = this.#outgoing.isMuted(kind);
      const button = this.#button(name);
      button.disabled = !this.#outgoing.has(kind);
      button.textContent = muted ? unmute : mute;
      button.classList.toggle('off', muted);
    }
    const sending = this.#button('sending');
    sending.disabled = false;
    sending.textContent = this.#sends ? 'Stop sending' : 'Start sending';
  }

  get #sends() {
    return this.#outgoing.tracks.length > 0;
  }

  #button(action) {
    return this.#element.querySelector(`[data-action=${action}]`);
  }
}

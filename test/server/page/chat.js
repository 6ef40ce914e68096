// The chat beside the tiles.

export class Chat {
  #messages;
  #form;

  /** `send(text)` is called with what the user says; it throws what keeps it from being sent. */
  constructor(element, send) {
    this.#messages = element.querySelector('.messages');
    this.#form = element.querySelector('form');
    this.#form.addEventListener('submit', (submission) => {
      submission.preventDefault();
      const input = this.#form.elements.text;
      const text = input.value.trim();
      if (!text) return;
      send(text);
      input.value = '';
    });
    this.#messages.replaceChildren();
    this.setEnabled(false);
  }

  setEnabled(enabled) {
    for (const element of this.#form.elements) element.disabled = !enabled;
  }

  show(name, text, { own = false } = {}) {
    const line = document.createElement('li');
    const who = document.createElement('b');
    who.textContent = name;
    line.classList.toggle('own', own);
    line.append(who, text);
    this.#messages.append(line);
    line.scrollIntoView({ block: 'nearest' });
  }
}

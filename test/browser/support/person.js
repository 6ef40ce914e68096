'use strict';

const { until } = require('../../server/test/support');
const inPage = require('./in_page');
const { PATIENCE_MS } = require('./patience');

/** Someone in the room by the server's page: a tab of Chromium, and what can be seen there. */
class Person {
  /** `prepare`, if given, runs in the page before anything else does. */
  static async enter(browser, url, roomId, name, prepare) {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    if (prepare) await page.addInitScript(prepare);
    const person = new Person(context, page, name);
    await page.goto(`${url}/?${new URLSearchParams({ room: roomId, name })}`);
    return person;
  }

  console = [];
  #context;
  #exceptions = [];

  constructor(context, page, name) {
    this.#context = context;
    this.page = page;
    this.name = name;
    page.on('console', (message) => this.console.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => {
      this.console.push(`exception: ${error.stack}`);
      this.#exceptions.push(error);
    });
  }

  /** This page's id in the room. */
  id() {
    return this.page.evaluate(() => window.room.me.id);
  }

  /** Waits until the expression is true in the page, which what else is here would count as touched. */
  async untouched(expression) {
    const session = await this.#context.newCDPSession(this.page);
    return until(`${this.name}: ${expression}`, async () => {
      const { result } = await session.send('Runtime.evaluate',
        { expression: `Boolean(${expression})`, returnByValue: true });
      return result.value;
    }, PATIENCE_MS);
  }

  tile(peerId) {
    return this.page.locator(`.tile[data-peer="${peerId}"]`);
  }

  press(button) {
    return this.page.getByRole('button', { name: button, exact: true }).click();
  }

  /** Waits until it is enabled, which it is when the chat is open. */
  async say(text) {
    const input = this.page.getByRole('textbox', { name: 'Message' });
    await input.fill(text);
    await input.press('Enter');
  }

  /** Waits for a line of the chat. */
  reads(who, text) {
    return this.page.getByRole('listitem').filter({ hasText: `${who}${text}` }).first().waitFor();
  }

  /** Chromium's own statistics of what it receives from someone; undefined before there are any. */
  inbound(peerId, kind) {
    return this.page.evaluate(inPage.inboundStatistics, { peerId, kind });
  }

  /** Waits until a figure of these statistics is there and has grown by at least so much. */
  async grows(peerId, kind, figure, least) {
    let first;
    await until(`${this.name}: ${kind} ${figure} grows`, async () => {
      const now = (await this.inbound(peerId, kind))?.[figure];
      first ??= now;
      return now >= first + least;
    }, PATIENCE_MS);
  }

  /** Waits until so many more frames of someone's video have been shown. */
  async framesShown(peerId, count) {
    await this.tile(peerId).locator('video').waitFor();
    await this.page.evaluate(inPage.showFrames, { peerId, count, patience: PATIENCE_MS });
  }

  /** The colours of the picture at these places; x and y go from 0 to 1. */
  colours(peerId, places) {
    return this.page.evaluate(inPage.coloursOf, { peerId, places });
  }

  /** Waits until this is the loudest frequency, in Hz, in what is heard of someone. */
  async hears(peerId, frequency) {
    const audio = this.tile(peerId).locator('audio');
    await audio.waitFor({ state: 'attached' });
    await this.page.evaluate(inPage.listen, { peerId });
    await until(`${this.name} hears ${frequency} Hz`, async () => {
      const heard = await this.page.evaluate(inPage.loudestFrequency);
      return Math.abs(heard - frequency) < 0.02 * frequency;
    }, PATIENCE_MS);
  }

  /** Resolves to the exceptions that nobody caught. */
  async close() {
    await this.#context.close();
    return this.#exceptions;
  }

  report() {
    return `---- ${this.name}: console of the page\n${this.console.join('\n')}`;
  }
}

module.exports = { Person };

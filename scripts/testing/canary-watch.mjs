import { stripVTControlCharacters } from 'node:util';

const canary = /cnry_[a-z]+_[0-9a-f]{32}/g;
const longestLine = 1024 * 1024; // characters kept while no line end comes
const overlap = 256; // more than a canary is long

/**
 * Searches output for the secrets that tests work with (`cnry_<kind>_<32 hex digits>`). Tests may hold them, nothing
 * may print them.
 */
export class CanaryWatch {
  #rest = '';
  /** @type {string[]} */
  #leaks = [];

  /** Takes the next piece of the output, wherever it was cut. @param {string} chunk */
  push(chunk) {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    lines.forEach((line) => this.#search(line));
    if (this.#rest.length > longestLine) {
      this.#search(this.#rest);
      // A canary that is cut here is found with its other half; a whole one is not found twice.
      this.#rest = mask(this.#rest.slice(-overlap));
    }
  }

  /** Ends the search. Returns the lines in which a secret was printed, with the secret masked. */
  end() {
    this.#search(this.#rest);
    this.#rest = '';
    return /** @type {readonly string[]} */ (this.#leaks);
  }

  /** @param {string} line */
  #search(line) {
    // Colours of a diff may stand in the middle of a secret.
    const plain = stripVTControlCharacters(line);
    if (plain.search(canary) !== -1) this.#leaks.push(mask(plain).trim());
  }
}

/** @param {string} text */
function mask(text) {
  return text.replace(canary, (secret) => `${secret.slice(0, secret.lastIndexOf('_'))}_[masked]`);
}

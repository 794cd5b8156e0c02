const traces = [
  // A path in somebody's home or work folder; not one inside a URL or a longer path, nor of an invented person.
  /(?<![\w.~*$})\]-])\/(?:home|Users|root|work)\/(?!(?:[a-z]|me|user|you)(?![\w.-]))[\w.-]+/,
  /\b[A-Z]:\\{1,2}Users\\/,
  /\bhelper[\s-](?:session|agent)s?\b/i,
  /\bsub-?agents?\b/i,
  /\b(?:AI|LLM)[\s-](?:assisted|generated|written)\b/i,
];

/**
 * The lines (from 1) of a text that tell of a developer's machine or of how the text was written.
 * @param {string} text
 */
export function findPrivateTraces(text) {
  return text.split('\n').flatMap((content, index) =>
    traces.flatMap((pattern) => {
      const trace = pattern.exec(content)?.[0];
      return trace === undefined ? [] : [{ line: index + 1, trace }];
    }),
  );
}

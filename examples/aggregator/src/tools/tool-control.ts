import { html } from 'hono/html';
import type { Html } from '../pages/layout.js';
import { serverText } from '../pages/server-text.js';
import type { ToolField } from './tool-form.js';

export interface ControlState {
  readonly value: string;
  readonly problem: string | undefined;
}

/** A labelled control for one argument. */
export function toolControl(field: ToolField, id: string, { value, problem }: ControlState): Html {
  const { argument, description, isRequired, control } = field;
  const described = [description ? `${id}-help` : '', problem ? `${id}-problem` : '']
    .filter(Boolean)
    .join(' ');
  const attributes = html`id="${id}" name="${field.name}"
  ${described === '' ? '' : html`aria-describedby="${described}"`} ${problem ? html`aria-invalid="true"` : ''}
  ${isRequired && control !== 'checkbox' ? 'required' : ''}`;
  return html`<div class="field ${control}">
    <label for="${id}">
      <bdi>${serverText(argument, 80)}</bdi
      >${isRequired ? '' : html` <span class="optional">(optional)</span>`}
    </label>
    ${description ? html`<p class="help" id="${id}-help"><bdi>${serverText(description)}</bdi></p>` : ''}
    ${element(field, attributes, value)}
    ${problem ? html`<p class="problem" id="${id}-problem">${serverText(problem)}</p>` : ''}
  </div>`;
}

function element({ control, choices, isRequired }: ToolField, attributes: Html, value: string): Html {
  switch (control) {
    case 'text':
      return html`<input type="text" autocomplete="off" ${attributes} value="${value}" />`;
    case 'number':
      return html`<input type="number" step="any" ${attributes} value="${value}" />`;
    case 'checkbox':
      return html`<input type="checkbox" ${attributes} value="true" ${value === '' ? '' : 'checked'} />`;
    case 'json':
      return html`<textarea rows="5" spellcheck="false" ${attributes}>${value}</textarea>`;
    case 'choice':
    case 'true-or-false':
      return html`<select ${attributes}>
        ${isRequired ? '' : html`<option value="">(left out)</option>`}
        ${choices.map(
          (choice) =>
            html`<option value="${choice}" ${choice === value ? 'selected' : ''}>
              ${serverText(choice, 80)}
            </option>`,
        )}
      </select>`;
  }
}

/** What the scripts of all our pages share: finding elements, and numbers as the pages write them. */
export const ELEMENT_SCRIPT = `
const byId = (id) => document.getElementById(id);
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const count = (number) => number.toLocaleString('en-US');
`;

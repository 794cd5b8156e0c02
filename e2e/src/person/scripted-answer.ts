/**
 * What a scripted person would click, sent along as headers to a server that shows no pages. A browser never sends
 * them.
 */
export const scriptedUserHeader = 'x-scripted-user';
export const scriptedDecisionHeader = 'x-scripted-decision';

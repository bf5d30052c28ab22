import type { RelatedSpansView } from '../../../api/contract';
import { Lab, type LabAnswer, type LabQuestion } from './lab-assembly';

/** Runs in a worker of its own, so that the page stays quick whatever is assembled. */
export type ToLab =
  | { readonly kind: 'open'; readonly related: RelatedSpansView }
  | { readonly kind: 'ask'; readonly number: number; readonly question: LabQuestion };

/** To the question of that number. */
export interface FromLab {
  readonly number: number;
  readonly answer: LabAnswer;
}

let lab: Lab | undefined;

globalThis.onmessage = ({ data }: MessageEvent<ToLab>) => {
  if (data.kind === 'open') lab = new Lab(data.related);
  else if (lab !== undefined) {
    const reply: FromLab = { number: data.number, answer: lab.assemble(data.question) };
    globalThis.postMessage(reply);
  }
};

import { answer, type PatternRequest } from './matcher.ts';

addEventListener('message', ({ data }: MessageEvent<PatternRequest>) => postMessage(answer(data)));

export { TryPage as default } from './TryPage.tsx';

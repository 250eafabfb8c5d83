export { MetricsPage as default } from './MetricsPage.tsx';

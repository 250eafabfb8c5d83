import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App.tsx';
import { ErrorBoundary } from './app/ErrorBoundary.tsx';
import { ApiError } from './server/client.ts';
import { currentToken, onSession, signIn } from './server/session.ts';
import { connect } from './server/stream.ts';
import './ui/tokens.css';
import './ui/base.css';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5000,
      refetchOnWindowFocus: false,
      // What the server refuses, it refuses again; what did not reach it is asked again for a while.
      retry: (failures, error) => error instanceof ApiError && (error.status === 0 || error.status === 503) && failures < 5,
      retryDelay: (failures) => Math.min(4000, 250 * 2 ** failures),
      networkMode: 'always',
    },
  },
});

// The worker starts while the word is exchanged.
await signIn();
connect(() => void client.resetQueries());
onSession(() => void (currentToken() === null ? client.clear() : client.resetQueries()));
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <ErrorBoundary>
        <App />
      </ErrorBoundary>
    </QueryClientProvider>
  </StrictMode>,
);

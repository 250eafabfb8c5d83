import styles from './Skeleton.module.css';

/** Holds the place of what is being fetched, in its final size. @param height CSS length */
export function Skeleton({ height, width = '100%' }: { readonly height: string; readonly width?: string }) {
  return <span className={styles.skeleton} style={{ height, width }} aria-hidden="true" />;
}

/** Says to everybody that something is being fetched. */
export function Loading({ what, height }: { readonly what: string; readonly height: string }) {
  return (
    <div role="status">
      <span className="visually-hidden">Loading {what}</span>
      <Skeleton height={height} />
    </div>
  );
}

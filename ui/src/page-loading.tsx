import { useLabels } from './labels.tsx';
import classes from './page-loading.module.css';
import { Progress } from './progress.tsx';

/** In the place of a page of which nothing is known yet. It has a first heading as every page does, which is only heard. */
export function PageLoading() {
  const { loading } = useLabels();
  return (
    <>
      <h1 className={classes.heard}>{loading}</h1>
      <Progress bare label={loading} />
    </>
  );
}

import { MissingPlace } from './missing-place.tsx';

export default function CatalogNotFound() {
  return <MissingPlace />;
}

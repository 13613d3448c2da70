/** Terms of what this copy carries with it; other models and texts say theirs on their own pages. */
export function SiteFooter() {
  return (
    <footer className="border-line text-muted border-t text-sm">
      <div className="mx-auto flex max-w-7xl flex-wrap gap-x-6 gap-y-1 px-4 py-4 sm:px-6">
        <span>Monosema is free software, Apache-2.0</span>
        <span>Bundled model stories-260k: MIT, karpathy/llama2.c</span>
        <span>Bundled text TinyStories: CDLA-Sharing-1.0</span>
        <span className="ml-auto hidden sm:inline">
          <kbd>?</kbd> keyboard shortcuts
        </span>
      </div>
    </footer>
  );
}

"""Generated resumes of many layouts, languages and formats whose truth is known, because it was written first."""

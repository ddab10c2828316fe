"""A second suite of generated resumes: layouts as people really use them, apart from the first in words and code."""

"""The large graded set: CVs and ads made from hidden attributes and written phrases, graded by a rubric."""

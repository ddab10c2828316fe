"""What people's words mean, in Chinese and English, whoever reads them: scripts, places, dates, titles, headings."""

"""Files that `reward-synth export` copies beside a reward. They run where the person takes them; nothing here runs."""

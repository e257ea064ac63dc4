"""The page of `reward-synth ui`: it reads run folders and writes answers; the runs are processes of their own."""

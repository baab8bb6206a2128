"""Other implementations under the vocabulary's names."""

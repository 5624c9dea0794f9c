"""The rules of evidence: values in, values out."""

"""Look and feel: components, template tags, charts. No word of the business."""

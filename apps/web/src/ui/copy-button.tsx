'use client';
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button, IconButton } from './button';

interface CopyButtonProps {
  readonly text: string | (() => string);
  /** What is copied, e.g. "TCP sequence". */
  readonly what: string;
  /** With a caption it is a full button. */
  readonly caption?: string;
  readonly className?: string | undefined;
}

/** Puts a text on the clipboard and shows a tick for a moment. */
export function CopyButton({ text, what, caption, className }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    await writeClipboard(typeof text === 'string' ? text : text());
    setCopied(true);
  };
  const icon = copied ? <Check size={14} color="var(--ok)" /> : <Copy size={14} />;
  if (caption !== undefined) {
    return (
      <Button icon={icon} onClick={copy}>
        {copied ? 'Copied' : caption}
      </Button>
    );
  }
  return (
    <IconButton label={copied ? 'Copied' : `Copy ${what}`} onClick={copy} className={className}>
      {icon}
    </IconButton>
  );
}

/** The clipboard API exists only on https and loopback; elsewhere a selected text box does it. */
async function writeClipboard(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  const box = document.createElement('textarea');
  box.value = text;
  box.style.position = 'fixed';
  document.body.append(box);
  box.select();
  document.execCommand('copy');
  box.remove();
}

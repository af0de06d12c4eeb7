export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** The word by which a shell asks: no command for people. */
export const ASK = '__complete';

// Each asks the program that stands on the line, so that nothing here is of one version. Nothing that is answered is
// evaluated: names of sessions are others'.

const BASH = `# completion of agentwork in bash
_agentwork() {
  local line=\${COMP_LINE:0:COMP_POINT} word kept candidate
  local -a words
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  word=\${words[\${#words[@]} - 1]}
  # bash replaces only what stands behind the last of its breaks, such as @ and =.
  kept=\${word%"\${word##*["$COMP_WORDBREAKS"]}"}
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate _; do
    COMPREPLY+=("\${candidate#"$kept"}")
  done < <("$1" ${ASK} "\${words[@]:1}" 2>/dev/null)
}
complete -o default -F _agentwork agentwork
`;

const ZSH = `#compdef agentwork
# completion of agentwork in zsh
_agentwork() {
  local line
  local -a found
  for line in "\${(@f)$("$words[1]" ${ASK} "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( $#found )); then _describe agentwork found; else _files; fi
}
if [[ $funcstack[1] == _agentwork ]]; then _agentwork "$@"; else compdef _agentwork agentwork; fi
`;

const FISH = `# completion of agentwork in fish
function __agentwork_complete
    set -l words (commandline --cut-at-cursor --tokenize --current-process) (commandline --cut-at-cursor --current-token)
    set -l found ($words[1] ${ASK} $words[2..] 2>/dev/null)
    if set -q found[1]
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline --cut-at-cursor --current-token)
    end
end
complete --command agentwork --no-files --arguments '(__agentwork_complete)'
`;

/** What a shell has to read for it to complete command lines of agentwork. */
export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };

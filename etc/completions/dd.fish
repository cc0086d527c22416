# Completion of the programs of dd for fish: options as --help lists them, names of configurations, what is to be done with one.

function __dd_component
    string replace -r '.*dd_' '' -- (commandline -opc)[1]
end

function __dd_options
    # "  -tp, --topic_prefix WORDS   what it is" becomes "--topic_prefix", tab, "what it is".
    set -l words (commandline -opc)
    $words[1] --help 2>/dev/null | string match -r -- '--[a-z0-9_]+.*' | string replace -rf -- '^(--[a-z0-9_]+)(?: \S+)* {2,}(.*)$' '$1\t$2'
end

function __dd_names # the configurations of a component
    set -l homes ~/.config/dd /etc/dd
    set -q XDG_CONFIG_HOME; and set homes $XDG_CONFIG_HOME/dd /etc/dd
    set -q DD_CONFIG_HOME; and set homes $DD_CONFIG_HOME
    for home in $homes
        for file in $home/$argv[1]/*.conf
            string replace -r '.*/(.*)\.conf$' '$1' -- $file
        end
    end
end

function __dd_words
    set -l words (commandline -opc)
    set -l component (__dd_component)
    switch $component
        case switch
            if test (count $words) -eq 1
                string split ' ' -- "up log2source quarantine convert explain start stop restart reload status metrics init user link route quota audit check doctor export restore requests unrouted passwd ask help version"
            else if contains -- $words[2] start stop restart reload status
                for component in sara winnow sender subscribe poll watch
                    __dd_names $component | string replace -r '^' $component/
                end
            end
        case permit
            test (count $words) -eq 1; and string split ' ' -- "grant revoke list"
        case seal
            test (count $words) -eq 1; and string split ' ' -- "seal open public"
        case post log
        case '*'
            __dd_names $component
            test (count $words) -gt 1; and string split ' ' -- "foreground start stop restart reload status cleanup"
    end
end

for program in dd_post dd_permit dd_seal dd_poll dd_watch dd_subscribe dd_log dd_sara dd_sender dd_winnow dd_switch
    complete -c $program -n 'string match -q -- "-*" (commandline -ct)' -a '(__dd_options)'
    complete -c $program -a '(__dd_words)'
end

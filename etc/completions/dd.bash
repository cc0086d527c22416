# Completion of the programs of dd for bash: options as --help lists them, names of configurations, what is to be done with one.

_dd_names() { # the configurations of a component
    local home
    if [[ -n ${DD_CONFIG_HOME-} ]]; then set -- "$1" "$DD_CONFIG_HOME"; else set -- "$1" "${XDG_CONFIG_HOME-$HOME/.config}/dd" /etc/dd; fi
    local component=$1
    shift
    for home; do
        for file in "$home/$component"/*.conf; do
            [[ -f $file ]] || continue
            file=${file##*/}
            echo "${file%.conf}"
        done
    done
}

_dd() {
    local program=$1 word=$2 component words
    component=${program##*dd_}
    COMPREPLY=()
    if [[ $word == -* ]]; then
        words=$("$program" --help 2>/dev/null | grep -oE -e '--[a-z0-9_]+' | sort -u)
    elif [[ $component == switch ]]; then
        case ${COMP_WORDS[1]} in
            start | stop | restart | reload | status)
                ((COMP_CWORD > 1)) && for component in sara winnow sender subscribe poll watch; do
                    words+=" $(_dd_names "$component" | sed "s|^|$component/|")"
                done
                ;;
        esac
        ((COMP_CWORD == 1)) && words="up log2source quarantine convert explain start stop restart reload status metrics init user link route
            quota audit check doctor export restore requests unrouted passwd ask help version"
    elif [[ $component == permit ]]; then
        ((COMP_CWORD == 1)) && words="grant revoke list"
    elif [[ $component == seal ]]; then
        ((COMP_CWORD == 1)) && words="seal open public"
    elif [[ $component != post && $component != log ]]; then
        words=$(_dd_names "$component")
        ((COMP_CWORD > 1)) && words+=" foreground start stop restart reload status cleanup"
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -o default -F _dd dd_post dd_permit dd_seal dd_poll dd_watch dd_subscribe dd_log dd_sara dd_sender dd_winnow dd_switch

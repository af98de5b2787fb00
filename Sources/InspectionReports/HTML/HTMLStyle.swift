/// The look of the report: one style sheet, light and dark, nothing loaded from elsewhere.
enum HTMLStyle {
    static let sheet = """
        :root{color-scheme:light dark;--ground:#fbfbf9;--card:#fff;--ink:#1c1e21;--quiet:#6b7078;--line:#e3e3de;\
        --good:#1d7a4f;--good-soft:#e3f3ea;--bad:#b3261e;--bad-soft:#fbe6e4;--doubt:#8a5a00;--doubt-soft:#fbf0d9;\
        --data:#3b6ea8;--data-soft:#c9dcf0;--repair:#1d7a4f;--nak:#c77700;--loss:#b3261e;--burst:#7b4fb0}
        @media(prefers-color-scheme:dark){:root{--ground:#15171a;--card:#1d2024;--ink:#e8e8e4;--quiet:#9aa0a8;\
        --line:#33373d;--good:#62c993;--good-soft:#17301f;--bad:#ff8a80;--bad-soft:#3b1b1a;--doubt:#e8b75a;\
        --doubt-soft:#33270f;--data:#7fb0e6;--data-soft:#23415f;--repair:#62c993;--nak:#f0a94a;--loss:#ff8a80;--burst:#c3a3ee}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--ground);color:var(--ink);\
        font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
        main{max-width:1120px;margin:0 auto;padding:28px 20px 64px}
        header p.where{color:var(--quiet);margin:0 0 14px;font-size:13px;overflow-wrap:anywhere}
        h1{font-size:15px;font-weight:600;margin:0;letter-spacing:.01em}
        h2{font-size:17px;font-weight:650;margin:40px 0 4px}
        h3{font-size:14px;font-weight:600;margin:22px 0 6px;overflow-wrap:anywhere}
        p.note{color:var(--quiet);margin:0 0 12px;font-size:13.5px;max-width:75ch}
        .banner{border-radius:12px;padding:18px 22px;margin:0 0 18px;border:1px solid var(--line);background:var(--card)}
        .banner p,.banner li{color:var(--ink)}.banner .word{font-size:25px;font-weight:700;letter-spacing:-.01em;line-height:1.2}
        .banner .sentence{font-size:16.5px;margin:6px 0 0;max-width:80ch}
        .banner.good{background:var(--good-soft);border-color:var(--good)}.banner.good .word{color:var(--good)}
        .banner.bad{background:var(--bad-soft);border-color:var(--bad)}.banner.bad .word{color:var(--bad)}
        .banner.doubt{background:var(--doubt-soft);border-color:var(--doubt)}.banner.doubt .word{color:var(--doubt)}
        .banner ul{margin:12px 0 0;padding:0;list-style:none;font-size:14.5px}
        .banner li{padding-left:22px;text-indent:-22px;margin:3px 0}
        .banner li b{display:inline-block;width:22px;text-indent:0;font-weight:700}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(140px,1fr));gap:10px;margin:0 0 8px}
        .tile{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:11px 14px}
        .tile b{display:block;font-size:21px;font-weight:650;font-variant-numeric:tabular-nums;letter-spacing:-.01em}
        .tile span{color:var(--quiet);font-size:12.5px}.tile.bad b{color:var(--bad)}
        .scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:10px}
        table{border-collapse:collapse;width:100%;font-size:13px;font-variant-numeric:tabular-nums}
        th{font-weight:600;color:var(--quiet);text-align:left;white-space:nowrap;font-size:12.5px}
        th,td{padding:7px 10px;border-bottom:1px solid var(--line);vertical-align:top}
        tbody tr:last-child td{border-bottom:0}
        td.number,th.number{text-align:right;white-space:nowrap}td.name{white-space:nowrap;font-weight:550}
        td.quiet{color:var(--quiet)}.bad{color:var(--bad)}td.bad{font-weight:650}.good{color:var(--good)}
        .doubt{color:var(--doubt)}
        .figure{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 14px 10px;\
        overflow:auto;max-height:720px;margin:0 0 12px}
        .figure svg{display:block;font:12px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
        .wide svg{width:100%;min-width:620px;height:auto}
        svg text{fill:var(--ink)}svg text.quiet{fill:var(--quiet)}svg .axis{stroke:var(--line)}
        svg .area{fill:var(--data-soft)}svg .edge{stroke:var(--data);fill:none;stroke-width:1.4}
        svg .bar{fill:var(--data)}svg .burst{fill:var(--burst)}svg .mark{stroke:var(--quiet);stroke-dasharray:3 3}
        svg .nak{fill:var(--nak)}svg .rdata{fill:var(--repair)}svg .missing{fill:var(--loss)}
        svg .link{fill:none;stroke:var(--quiet);stroke-width:1.6}svg .link.bad{stroke:var(--loss);stroke-width:2.6}
        svg .link.good{stroke:var(--good)}svg .link.doubt{stroke:var(--doubt);stroke-dasharray:5 4}
        svg .node rect{fill:var(--card);stroke:var(--quiet);stroke-width:1.4}
        svg .node.good rect{fill:var(--good-soft);stroke:var(--good)}
        svg .node.bad rect{fill:var(--bad-soft);stroke:var(--bad);stroke-width:2}
        svg .node.doubt rect{fill:var(--doubt-soft);stroke:var(--doubt);stroke-dasharray:5 4}
        svg .node.good .state{fill:var(--good)}svg .node.bad .state{fill:var(--bad)}
        svg .node.doubt .state{fill:var(--doubt)}svg .label{font-weight:600}
        .legend{color:var(--quiet);font-size:12.5px;margin:6px 2px 0;display:flex;gap:16px;flex-wrap:wrap}
        .legend i{display:inline-block;width:11px;height:11px;border-radius:3px;margin-right:6px;vertical-align:-1px}
        .severity{display:inline-block;border-radius:6px;padding:0 8px;font-size:12.5px;font-weight:600;line-height:20px}
        .severity.problem{background:var(--bad-soft);color:var(--bad)}
        .severity.warning{background:var(--doubt-soft);color:var(--doubt)}
        .severity.note{background:var(--line);color:var(--quiet)}
        ol.findings{list-style:none;padding:0;margin:0;display:grid;gap:8px}
        ol.findings li{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:10px 14px;\
        overflow-wrap:anywhere}
        ol.findings .subject{color:var(--quiet);font-size:13px;margin-left:8px}
        ol.findings p{margin:4px 0 0}
        footer{color:var(--quiet);font-size:12.5px;margin-top:44px}
        @media(max-width:560px){main{padding:16px 12px 40px}.banner{padding:14px 16px}.banner .word{font-size:21px}\
        .banner .sentence{font-size:15px}.tile b{font-size:18px}.tiles{grid-template-columns:1fr 1fr}}
        @media print{body{background:#fff}.figure{max-height:none}}
        """
}

import DDSwitch

DDSwitch.main()

import DDSara

DDSara.main()

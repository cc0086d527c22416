import DDSeal

DDSeal.main()

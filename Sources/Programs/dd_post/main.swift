import DDPost

DDPost.main()

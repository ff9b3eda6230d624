#map = affine_map<(d0) -> (d0)>
#map1 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#map2 = affine_map<(d0, d1) -> (d0, d1)>
#map3 = affine_map<(d0, d1) -> (d1)>
module {
  func.func @g(%arg0: tensor<?x3x16x16xf32>) -> tensor<?x10xf32> {
    %c0 = arith.constant 0 : index
    %cst = arith.constant 0.000000e+00 : f32
    %cst_0 = arith.constant 2.550000e+02 : f32
    %cst_1 = arith.constant -2.14748365E+9 : f32
    %cst_2 = arith.constant 2.14748365E+9 : f32
    %c-128_i8 = arith.constant -128 : i8
    %c135_i64 = arith.constant 135 : i64
    %cst_3 = arith.constant 0xFF800000 : f32
    %c0_i32 = arith.constant 0 : i32
    %c128_i64 = arith.constant 128 : i64
    %cst_4 = arith.constant 2.01184463E-4 : f32
    %cst_5 = arith.constant 1.81046955E-4 : f32
    %cst_6 = arith.constant 9.95817899E-5 : f32
    %cst_7 = arith.constant 2.83001893E-4 : f32
    %cst_8 = arith.constant 2.40986919E-4 : f32
    %cst_9 = arith.constant 0.0314817354 : f32
    %cst_10 = arith.constant 1.230000e+02 : f32
    %cst_11 = arith.constant 2.0118446621929242E-4 : f64
    %c-5_i32 = arith.constant -5 : i32
    %c-5_i8 = arith.constant -5 : i8
    %cst_12 = arith.constant 0.0255557131 : f32
    %cst_13 = arith.constant 1.810469515477562E-4 : f64
    %c-128_i32 = arith.constant -128 : i32
    %cst_14 = arith.constant 0.0213953238 : f32
    %cst_15 = arith.constant 9.9581788427738522E-5 : f64
    %cst_16 = arith.constant 2.260650e-02 : f32
    %cst_17 = arith.constant 1.350000e+02 : f32
    %cst_18 = arith.constant 0.0377672799 : f32
    %cst_19 = arith.constant 8.100000e+01 : f32
    %cst_20 = arith.constant 2.8300190629729736E-4 : f64
    %c-47_i32 = arith.constant -47 : i32
    %c-47_i8 = arith.constant -47 : i8
    %cst_21 = arith.constant 5.560010e-02 : f32
    %cst_22 = arith.constant 1.600000e+01 : f32
    %cst_23 = arith.constant 0.0274415445 : f32
    %cst_24 = arith.constant 2.4098692310929593E-4 : f64
    %cst_25 = arith.constant 0.0657611042 : f32
    %cst_26 = arith.constant 1.280000e+02 : f32
    %cst_27 = arith.constant dense<"0xD5BFFEFA000129E0E54119F5B9E2F3FC05F726D6F5E819051A017F17E5FFF119200CF9E836259B01E3F239D9DC53EFF727EE010830C9E3FB1FEA10EEF32CF8650C2619CBCB11DAEDF5E1281B0613E11EE335E9ED2816DF150001151523110BFD33E5414B4AFB482725710714D5B40A0F180BBC0D2736E0E2E9EAC9E936DCC0F7EF17E7FAE3DF0D04FE12E4010728BFF40FEC031710C5D79F16072E02D925D300"> : tensor<10x16xi8>
    %cst_28 = arith.constant dense<[252, -1940, 1863, 2094, -1908, 909, 1920, 1307]> : tensor<8xi32>
    %cst_29 = arith.constant dense<[-2519, -179, 3094, 1837, 2235, -774, 1278, 5101]> : tensor<8xi32>
    %cst_30 = arith.constant dense<[-53, -2290, -2278, -943, -3087, 6086, -1698, 1156]> : tensor<8xi32>
    %cst_31 = arith.constant dense<[242, 772, -303, 474, -254, 378, -1636, 466, -534, -803, -341, 1022, 976, 239, 891, -456]> : tensor<16xi32>
    %cst_32 = arith.constant dense<[-267, 961, 1128, -537, -923, -70, -730, 1180, 464, 1735]> : tensor<10xi32>
    %cst_33 = arith.constant dense<"0x0B24A7FE0E3B4126E0EF39E4FE4906BFF21EF7373CE1E8FBC812F825E4D756D7E5DEF2D5FEDFEC112116DD13FAFBAF20F9501ECCC036D720F26304473FEAF14600D83979FF43F941F6401BF90DE8CDD100D1171C19EB060241DDF1F8FCE0E633E52E633FAE281A1DB727D040367BF1BC342CF14323C6F2EEFE0CE2FA1FFFF6F5FEA90AD308BE2E0EC30EDF571ADD0D013B141BCF286521010BD60CD005F1DC1EBD01C559602B5C1F1DEFD909EAEF25FDBAF9DFF5D03B5CCF211FD108452B4FCCE0111304F1EFE618814EEABF1CC014EF1E273FEBF401C01E"> : tensor<8x3x3x3xi8>
    %cst_34 = arith.constant dense<[[[-40, -58, -3], [-20, 1, -3], [24, -22, -6]], [[127, -4, 32], [13, 10, -37], [23, -1, 36]], [[88, 9, 33], [-42, 6, 67], [-2, -26, 10]], [[-7, -9, -15], [85, -36, -17], [-23, 53, -11]], [[56, 8, 0], [-61, 52, 24], [18, -4, -17]], [[-53, 41, 12], [-14, -26, 6], [-3, 70, 34]], [[-24, -46, -9], [-38, 4, 18], [28, 19, -7]], [[26, -37, -2], [36, 13, -53], [-48, -67, 78]]]> : tensor<8x3x3xi8>
    %cst_35 = arith.constant dense<[[[[0]], [[29]], [[-18]], [[1]], [[26]], [[92]], [[-56]], [[-90]]], [[[4]], [[16]], [[93]], [[49]], [[-38]], [[39]], [[74]], [[21]]], [[[-20]], [[46]], [[-21]], [[-118]], [[88]], [[-81]], [[-19]], [[-18]]], [[[-19]], [[-16]], [[-91]], [[36]], [[4]], [[4]], [[71]], [[73]]], [[[88]], [[121]], [[31]], [[-97]], [[16]], [[3]], [[6]], [[-37]]], [[[-55]], [[53]], [[64]], [[-70]], [[37]], [[-9]], [[-23]], [[46]]], [[[-2]], [[-34]], [[5]], [[-127]], [[-37]], [[-27]], [[-89]], [[13]]], [[[19]], [[-38]], [[-10]], [[45]], [[69]], [[-48]], [[23]], [[68]]]]> : tensor<8x8x1x1xi8>
    %cst_36 = arith.constant dense<"0x081AF1CC42FD0508331F2F21060AE2B2F6D5683E2FEA52BCD0E1DA05084D283111FAE5C4DDF11FBDC909D60DF0E2CBFCE3E8E70806BBFA102A1F08D2E125E42933D512FC5122EC10DBFA08060CDCB6F1DCE4562FF9C7CC0E2BF4050A2BB506102610D4E9C3080814D9D23D074612C52031EEB31BFA0B941292DD23B7B5EE4241E828170A0EE3202A6C259ED00D03B5FAF1FEFB253A1BD3DDE5FEEFF2DB262226FD12DBD7EA17FAD2041106E502EFF3FC1E493E19F0F4F52E910AB00035DCA5343C1432E02F441A0B332DE2361E0634251EEC21D4FBBCBC12FD03180EDD03FDEBFBF1E6F30953DF15C540F3063328C416F719061D0CFA2FC2EFDAFAEFFAECEDBEFE0CE8E6E6430810F4ECDD3EBC0CFFF6C1CF27E4231B171ED0ED1BCD43EAFDD70FE3F6D230BF120912D72927060DFA1ADF1610C897FBFA3102ECCAFCE9D4FB2A04D60DD4C114EA2D0CE00934F8D6E6DFD1CC112CF21F2443F9F211040C34EF09D9FAE5E2F7EE0F20C428A70A1CE6F7E12481D9B20834301B0AE13119DECDE72B3241E1F237091FCBF1FFF2EFBF4106C62B031DF9E1E20E20141A310C292D0DFEF0D1C33601EB4128042AFA104B2CF71E31FDF24DF7CE085F1C2AADEE35F439181548F1F20A0EC1370FFF1EF6360822E2FA14E0EB033224291129430C171CB5011623F82CEBFE48CF01FF01EF1ED9CF17D41305E8F60015EAFBCAF8B601F15636FC280ED4A12E11B41B26E621BDF90321110A18E73CF42101F71913372CEA1505E1D50BECCAFD0A05D1EA38E2F45D0FEDB30DC900DEBE43FC251EE304F22712F2431513E111C613DB07F5090EFEFEC4B43317C54CE314110418C9FFF604F5E6E323DE0F0EFC1116EB0D4CD5F4E14FC80025DDFBE3CAFD14F0071B30CF18E7B5E11A0CD44010FDEA11F02D0D19F4C515D8FCFFE123C73CE82634DEE3250703B7BF1539E4DE081216EEB33AEC32B10FECD52733E91AD5E7F6F219D02626F7D1A1FDE404D600FE000B0C27E11D06EFD93A0AEC0300EBC906FAF527CCDA0621181DA914111BE51428400ACC021A154CF8D8E71AE1D7DF300AF3221CDA210AAFD20B14F5D90AB817FBFFE721A4DE18E53B12E32DFD18E9E91D05E3DF1B47E01C8FCB1C4104170C2AD71BF1F502FAE4F8DD3D1EF2413515ED0C1939FBEC5D390EDE152E2023042FEAF1EEE94FBF0BDBD106C4FE5DFD14E015C709FD58FEF3EBD1203BF21DF31113C8E226B501F3DC030D169843ED2AFCE9FE7F3FF2092D1704F9D51E2C59EA1AFF32FCE6BD1D072DEA68E415112CFADBD921040EDF060919C5E145F0FDF0C4D50FE551C4B2F0D037EF15C71A193109140625EF15E91CF5E6E43BC1C419D8EDEC5BE5E3F00914C5124EB8171F06F8A130F3F831A2FD181D18510B291FC5E153F5FDCBF2CBE816DFE736131528EAF0AE1DF800D4191907C0DEFFDE0F28E2F9E529246B00DB10F70832F51DAB2A05F6EC39EC33EC020E510A0AFEF4E8493BE507D1261C05E01F19F91ECBE9DB0543032EFFF029163927E09A06D1C8C5E7F80152D000CED80311CD2EDB27FE2417F513CACCF237E2E8430200D60318FE1F0D2A21FB23480CCF08F8681ED4F83AD1EC00FAE805C7E8E8F4F4FFF2EF0E2326D1"> : tensor<16x8x3x3xi8>
    %0 = tensor.empty() : tensor<8xf32>
    %1 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%cst_28 : tensor<8xi32>) outs(%0 : tensor<8xf32>) {
    ^bb0(%in: i32, %out: f32):
      %82 = arith.sitofp %in : i32 to f32
      %83 = arith.mulf %82, %cst_4 : f32
      linalg.yield %83 : f32
    } -> tensor<8xf32>
    %2 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%cst_29 : tensor<8xi32>) outs(%0 : tensor<8xf32>) {
    ^bb0(%in: i32, %out: f32):
      %82 = arith.sitofp %in : i32 to f32
      %83 = arith.mulf %82, %cst_5 : f32
      linalg.yield %83 : f32
    } -> tensor<8xf32>
    %3 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%cst_30 : tensor<8xi32>) outs(%0 : tensor<8xf32>) {
    ^bb0(%in: i32, %out: f32):
      %82 = arith.sitofp %in : i32 to f32
      %83 = arith.mulf %82, %cst_6 : f32
      linalg.yield %83 : f32
    } -> tensor<8xf32>
    %4 = tensor.empty() : tensor<16xf32>
    %5 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%cst_31 : tensor<16xi32>) outs(%4 : tensor<16xf32>) {
    ^bb0(%in: i32, %out: f32):
      %82 = arith.sitofp %in : i32 to f32
      %83 = arith.mulf %82, %cst_7 : f32
      linalg.yield %83 : f32
    } -> tensor<16xf32>
    %6 = tensor.empty() : tensor<10xf32>
    %7 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%cst_32 : tensor<10xi32>) outs(%6 : tensor<10xf32>) {
    ^bb0(%in: i32, %out: f32):
      %82 = arith.sitofp %in : i32 to f32
      %83 = arith.mulf %82, %cst_8 : f32
      linalg.yield %83 : f32
    } -> tensor<10xf32>
    %dim = tensor.dim %arg0, %c0 : tensor<?x3x16x16xf32>
    %8 = tensor.empty(%dim) : tensor<?x3x16x16xi8>
    %9 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%arg0 : tensor<?x3x16x16xf32>) outs(%8 : tensor<?x3x16x16xi8>) {
    ^bb0(%in: f32, %out: i8):
      %82 = arith.divf %in, %cst_9 : f32
      %83 = math.roundeven %82 : f32
      %84 = arith.addf %83, %cst_10 : f32
      %85 = arith.maximumf %84, %cst : f32
      %86 = arith.minimumf %85, %cst_0 : f32
      %87 = arith.fptoui %86 : f32 to i8
      linalg.yield %87 : i8
    } -> tensor<?x3x16x16xi8>
    %10 = tensor.empty() : tensor<8xi32>
    %11 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%1 : tensor<8xf32>) outs(%10 : tensor<8xi32>) {
    ^bb0(%in: f32, %out: i32):
      %82 = arith.truncf %cst_11 : f64 to f32
      %83 = arith.divf %in, %82 : f32
      %84 = math.roundeven %83 : f32
      %85 = arith.addf %84, %cst : f32
      %86 = arith.maximumf %85, %cst_1 : f32
      %87 = arith.minimumf %86, %cst_2 : f32
      %88 = arith.fptosi %87 : f32 to i32
      linalg.yield %88 : i32
    } -> tensor<8xi32>
    %dim_37 = tensor.dim %9, %c0 : tensor<?x3x16x16xi8>
    %12 = tensor.empty(%dim_37) : tensor<?x3x16x16xi8>
    %13 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%9 : tensor<?x3x16x16xi8>) outs(%12 : tensor<?x3x16x16xi8>) {
    ^bb0(%in: i8, %out: i8):
      %82 = arith.addi %in, %c-128_i8 : i8
      linalg.yield %82 : i8
    } -> tensor<?x3x16x16xi8>
    %padded = tensor.pad %13 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg1: index, %arg2: index, %arg3: index, %arg4: index):
      tensor.yield %c-5_i8 : i8
    } : tensor<?x3x16x16xi8> to tensor<?x3x18x18xi8>
    %14 = tensor.empty(%dim_37) : tensor<?x8x8x8xi32>
    %broadcasted = linalg.broadcast ins(%11 : tensor<8xi32>) outs(%14 : tensor<?x8x8x8xi32>) dimensions = [0, 2, 3]
    %15 = linalg.conv_2d_nchw_fchw_q {dilations = dense<1> : vector<2xi64>, strides = dense<2> : vector<2xi64>} ins(%padded, %cst_33, %c-5_i32, %c0_i32 : tensor<?x3x18x18xi8>, tensor<8x3x3x3xi8>, i32, i32) outs(%broadcasted : tensor<?x8x8x8xi32>) -> tensor<?x8x8x8xi32>
    %16 = tensor.empty(%dim_37) : tensor<?x8x8x8xf32>
    %17 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%15 : tensor<?x8x8x8xi32>) outs(%16 : tensor<?x8x8x8xf32>) {
    ^bb0(%in: i32, %out: f32):
      %82 = arith.truncf %cst_11 : f64 to f32
      %83 = arith.sitofp %in : i32 to f32
      %84 = arith.mulf %83, %82 : f32
      linalg.yield %84 : f32
    } -> tensor<?x8x8x8xf32>
    %18 = tensor.empty(%dim_37) : tensor<?x8x8x8xi8>
    %19 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%17 : tensor<?x8x8x8xf32>) outs(%18 : tensor<?x8x8x8xi8>) {
    ^bb0(%in: f32, %out: i8):
      %82 = arith.divf %in, %cst_12 : f32
      %83 = math.roundeven %82 : f32
      %84 = arith.addf %83, %cst : f32
      %85 = arith.maximumf %84, %cst : f32
      %86 = arith.minimumf %85, %cst_0 : f32
      %87 = arith.fptoui %86 : f32 to i8
      linalg.yield %87 : i8
    } -> tensor<?x8x8x8xi8>
    %20 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%19 : tensor<?x8x8x8xi8>) outs(%16 : tensor<?x8x8x8xf32>) {
    ^bb0(%in: i8, %out: f32):
      %82 = arith.uitofp %in : i8 to f32
      %83 = arith.mulf %82, %cst_12 : f32
      linalg.yield %83 : f32
    } -> tensor<?x8x8x8xf32>
    %21 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%2 : tensor<8xf32>) outs(%10 : tensor<8xi32>) {
    ^bb0(%in: f32, %out: i32):
      %82 = arith.truncf %cst_13 : f64 to f32
      %83 = arith.divf %in, %82 : f32
      %84 = math.roundeven %83 : f32
      %85 = arith.addf %84, %cst : f32
      %86 = arith.maximumf %85, %cst_1 : f32
      %87 = arith.minimumf %86, %cst_2 : f32
      %88 = arith.fptosi %87 : f32 to i32
      linalg.yield %88 : i32
    } -> tensor<8xi32>
    %dim_38 = tensor.dim %19, %c0 : tensor<?x8x8x8xi8>
    %22 = tensor.empty(%dim_38) : tensor<?x8x8x8xi8>
    %23 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%19 : tensor<?x8x8x8xi8>) outs(%22 : tensor<?x8x8x8xi8>) {
    ^bb0(%in: i8, %out: i8):
      %82 = arith.addi %in, %c-128_i8 : i8
      linalg.yield %82 : i8
    } -> tensor<?x8x8x8xi8>
    %padded_39 = tensor.pad %23 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg1: index, %arg2: index, %arg3: index, %arg4: index):
      tensor.yield %c-128_i8 : i8
    } : tensor<?x8x8x8xi8> to tensor<?x8x10x10xi8>
    %24 = tensor.empty(%dim_38) : tensor<?x10x10x8xi8>
    %transposed = linalg.transpose ins(%padded_39 : tensor<?x8x10x10xi8>) outs(%24 : tensor<?x10x10x8xi8>) permutation = [0, 2, 3, 1]
    %25 = tensor.empty() : tensor<3x3x8xi8>
    %transposed_40 = linalg.transpose ins(%cst_34 : tensor<8x3x3xi8>) outs(%25 : tensor<3x3x8xi8>) permutation = [1, 2, 0]
    %26 = tensor.empty(%dim_38) : tensor<?x8x8x8xi32>
    %broadcasted_41 = linalg.broadcast ins(%21 : tensor<8xi32>) outs(%26 : tensor<?x8x8x8xi32>) dimensions = [0, 1, 2]
    %27 = linalg.depthwise_conv_2d_nhwc_hwc_q {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>} ins(%transposed, %transposed_40, %c-128_i32, %c0_i32 : tensor<?x10x10x8xi8>, tensor<3x3x8xi8>, i32, i32) outs(%broadcasted_41 : tensor<?x8x8x8xi32>) -> tensor<?x8x8x8xi32>
    %transposed_42 = linalg.transpose ins(%27 : tensor<?x8x8x8xi32>) outs(%26 : tensor<?x8x8x8xi32>) permutation = [0, 3, 1, 2]
    %28 = tensor.empty(%dim_38) : tensor<?x8x8x8xf32>
    %29 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%transposed_42 : tensor<?x8x8x8xi32>) outs(%28 : tensor<?x8x8x8xf32>) {
    ^bb0(%in: i32, %out: f32):
      %82 = arith.truncf %cst_13 : f64 to f32
      %83 = arith.sitofp %in : i32 to f32
      %84 = arith.mulf %83, %82 : f32
      linalg.yield %84 : f32
    } -> tensor<?x8x8x8xf32>
    %30 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%29 : tensor<?x8x8x8xf32>) outs(%22 : tensor<?x8x8x8xi8>) {
    ^bb0(%in: f32, %out: i8):
      %82 = arith.divf %in, %cst_14 : f32
      %83 = math.roundeven %82 : f32
      %84 = arith.addf %83, %cst : f32
      %85 = arith.maximumf %84, %cst : f32
      %86 = arith.minimumf %85, %cst_0 : f32
      %87 = arith.fptoui %86 : f32 to i8
      linalg.yield %87 : i8
    } -> tensor<?x8x8x8xi8>
    %31 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%3 : tensor<8xf32>) outs(%10 : tensor<8xi32>) {
    ^bb0(%in: f32, %out: i32):
      %82 = arith.truncf %cst_15 : f64 to f32
      %83 = arith.divf %in, %82 : f32
      %84 = math.roundeven %83 : f32
      %85 = arith.addf %84, %cst : f32
      %86 = arith.maximumf %85, %cst_1 : f32
      %87 = arith.minimumf %86, %cst_2 : f32
      %88 = arith.fptosi %87 : f32 to i32
      linalg.yield %88 : i32
    } -> tensor<8xi32>
    %dim_43 = tensor.dim %30, %c0 : tensor<?x8x8x8xi8>
    %32 = tensor.empty(%dim_43) : tensor<?x8x8x8xi8>
    %33 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%30 : tensor<?x8x8x8xi8>) outs(%32 : tensor<?x8x8x8xi8>) {
    ^bb0(%in: i8, %out: i8):
      %82 = arith.addi %in, %c-128_i8 : i8
      linalg.yield %82 : i8
    } -> tensor<?x8x8x8xi8>
    %34 = tensor.empty(%dim_43) : tensor<?x8x8x8xi32>
    %broadcasted_44 = linalg.broadcast ins(%31 : tensor<8xi32>) outs(%34 : tensor<?x8x8x8xi32>) dimensions = [0, 2, 3]
    %35 = linalg.conv_2d_nchw_fchw_q {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>} ins(%33, %cst_35, %c-128_i32, %c0_i32 : tensor<?x8x8x8xi8>, tensor<8x8x1x1xi8>, i32, i32) outs(%broadcasted_44 : tensor<?x8x8x8xi32>) -> tensor<?x8x8x8xi32>
    %36 = tensor.empty(%dim_43) : tensor<?x8x8x8xf32>
    %37 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%35 : tensor<?x8x8x8xi32>) outs(%36 : tensor<?x8x8x8xf32>) {
    ^bb0(%in: i32, %out: f32):
      %82 = arith.truncf %cst_15 : f64 to f32
      %83 = arith.sitofp %in : i32 to f32
      %84 = arith.mulf %83, %82 : f32
      linalg.yield %84 : f32
    } -> tensor<?x8x8x8xf32>
    %38 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%37 : tensor<?x8x8x8xf32>) outs(%32 : tensor<?x8x8x8xi8>) {
    ^bb0(%in: f32, %out: i8):
      %82 = arith.divf %in, %cst_16 : f32
      %83 = math.roundeven %82 : f32
      %84 = arith.addf %83, %cst_17 : f32
      %85 = arith.maximumf %84, %cst : f32
      %86 = arith.minimumf %85, %cst_0 : f32
      %87 = arith.fptoui %86 : f32 to i8
      linalg.yield %87 : i8
    } -> tensor<?x8x8x8xi8>
    %39 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%38 : tensor<?x8x8x8xi8>) outs(%36 : tensor<?x8x8x8xf32>) {
    ^bb0(%in: i8, %out: f32):
      %82 = arith.extui %in : i8 to i64
      %83 = arith.subi %82, %c135_i64 : i64
      %84 = arith.sitofp %83 : i64 to f32
      %85 = arith.mulf %84, %cst_16 : f32
      linalg.yield %85 : f32
    } -> tensor<?x8x8x8xf32>
    %40 = arith.cmpi eq, %dim_37, %dim_43 : index
    cf.assert %40, "mismatched size for broadcast"
    %41 = linalg.generic {indexing_maps = [#map1, #map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%20, %39 : tensor<?x8x8x8xf32>, tensor<?x8x8x8xf32>) outs(%16 : tensor<?x8x8x8xf32>) {
    ^bb0(%in: f32, %in_49: f32, %out: f32):
      %82 = arith.addf %in, %in_49 : f32
      linalg.yield %82 : f32
    } -> tensor<?x8x8x8xf32>
    %42 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%41 : tensor<?x8x8x8xf32>) outs(%18 : tensor<?x8x8x8xi8>) {
    ^bb0(%in: f32, %out: i8):
      %82 = arith.divf %in, %cst_18 : f32
      %83 = math.roundeven %82 : f32
      %84 = arith.addf %83, %cst_19 : f32
      %85 = arith.maximumf %84, %cst : f32
      %86 = arith.minimumf %85, %cst_0 : f32
      %87 = arith.fptoui %86 : f32 to i8
      linalg.yield %87 : i8
    } -> tensor<?x8x8x8xi8>
    %43 = tensor.empty() : tensor<16xi32>
    %44 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%5 : tensor<16xf32>) outs(%43 : tensor<16xi32>) {
    ^bb0(%in: f32, %out: i32):
      %82 = arith.truncf %cst_20 : f64 to f32
      %83 = arith.divf %in, %82 : f32
      %84 = math.roundeven %83 : f32
      %85 = arith.addf %84, %cst : f32
      %86 = arith.maximumf %85, %cst_1 : f32
      %87 = arith.minimumf %86, %cst_2 : f32
      %88 = arith.fptosi %87 : f32 to i32
      linalg.yield %88 : i32
    } -> tensor<16xi32>
    %dim_45 = tensor.dim %42, %c0 : tensor<?x8x8x8xi8>
    %45 = tensor.empty(%dim_45) : tensor<?x8x8x8xi8>
    %46 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%42 : tensor<?x8x8x8xi8>) outs(%45 : tensor<?x8x8x8xi8>) {
    ^bb0(%in: i8, %out: i8):
      %82 = arith.addi %in, %c-128_i8 : i8
      linalg.yield %82 : i8
    } -> tensor<?x8x8x8xi8>
    %padded_46 = tensor.pad %46 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg1: index, %arg2: index, %arg3: index, %arg4: index):
      tensor.yield %c-47_i8 : i8
    } : tensor<?x8x8x8xi8> to tensor<?x8x10x10xi8>
    %47 = tensor.empty(%dim_45) : tensor<?x16x8x8xi32>
    %broadcasted_47 = linalg.broadcast ins(%44 : tensor<16xi32>) outs(%47 : tensor<?x16x8x8xi32>) dimensions = [0, 2, 3]
    %48 = linalg.conv_2d_nchw_fchw_q {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>} ins(%padded_46, %cst_36, %c-47_i32, %c0_i32 : tensor<?x8x10x10xi8>, tensor<16x8x3x3xi8>, i32, i32) outs(%broadcasted_47 : tensor<?x16x8x8xi32>) -> tensor<?x16x8x8xi32>
    %49 = tensor.empty(%dim_45) : tensor<?x16x8x8xf32>
    %50 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%48 : tensor<?x16x8x8xi32>) outs(%49 : tensor<?x16x8x8xf32>) {
    ^bb0(%in: i32, %out: f32):
      %82 = arith.truncf %cst_20 : f64 to f32
      %83 = arith.sitofp %in : i32 to f32
      %84 = arith.mulf %83, %82 : f32
      linalg.yield %84 : f32
    } -> tensor<?x16x8x8xf32>
    %51 = tensor.empty(%dim_45) : tensor<?x16x8x8xi8>
    %52 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%50 : tensor<?x16x8x8xf32>) outs(%51 : tensor<?x16x8x8xi8>) {
    ^bb0(%in: f32, %out: i8):
      %82 = arith.divf %in, %cst_21 : f32
      %83 = math.roundeven %82 : f32
      %84 = arith.addf %83, %cst : f32
      %85 = arith.maximumf %84, %cst : f32
      %86 = arith.minimumf %85, %cst_0 : f32
      %87 = arith.fptoui %86 : f32 to i8
      linalg.yield %87 : i8
    } -> tensor<?x16x8x8xi8>
    %53 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%52 : tensor<?x16x8x8xi8>) outs(%49 : tensor<?x16x8x8xf32>) {
    ^bb0(%in: i8, %out: f32):
      %82 = arith.uitofp %in : i8 to f32
      %83 = arith.mulf %82, %cst_21 : f32
      linalg.yield %83 : f32
    } -> tensor<?x16x8x8xf32>
    %54 = tensor.empty(%dim_45) : tensor<?x16x4x4xf32>
    %55 = linalg.fill ins(%cst_3 : f32) outs(%54 : tensor<?x16x4x4xf32>) -> tensor<?x16x4x4xf32>
    %56 = tensor.empty() : tensor<2x2xf32>
    %57 = linalg.pooling_nchw_max {dilations = dense<1> : vector<2xi64>, strides = dense<2> : vector<2xi64>} ins(%53, %56 : tensor<?x16x8x8xf32>, tensor<2x2xf32>) outs(%55 : tensor<?x16x4x4xf32>) -> tensor<?x16x4x4xf32>
    %58 = tensor.empty(%dim_45) : tensor<?x16x4x4xi8>
    %59 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%57 : tensor<?x16x4x4xf32>) outs(%58 : tensor<?x16x4x4xi8>) {
    ^bb0(%in: f32, %out: i8):
      %82 = arith.divf %in, %cst_21 : f32
      %83 = math.roundeven %82 : f32
      %84 = arith.addf %83, %cst : f32
      %85 = arith.maximumf %84, %cst : f32
      %86 = arith.minimumf %85, %cst_0 : f32
      %87 = arith.fptoui %86 : f32 to i8
      linalg.yield %87 : i8
    } -> tensor<?x16x4x4xi8>
    %60 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%59 : tensor<?x16x4x4xi8>) outs(%54 : tensor<?x16x4x4xf32>) {
    ^bb0(%in: i8, %out: f32):
      %82 = arith.uitofp %in : i8 to f32
      %83 = arith.mulf %82, %cst_21 : f32
      linalg.yield %83 : f32
    } -> tensor<?x16x4x4xf32>
    %61 = tensor.empty(%dim_45) : tensor<?x16x1x1xf32>
    %62 = linalg.fill ins(%cst : f32) outs(%61 : tensor<?x16x1x1xf32>) -> tensor<?x16x1x1xf32>
    %63 = tensor.empty() : tensor<4x4xf32>
    %64 = linalg.pooling_nchw_sum {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>} ins(%60, %63 : tensor<?x16x4x4xf32>, tensor<4x4xf32>) outs(%62 : tensor<?x16x1x1xf32>) -> tensor<?x16x1x1xf32>
    %65 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%64 : tensor<?x16x1x1xf32>) outs(%61 : tensor<?x16x1x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      %82 = arith.divf %in, %cst_22 : f32
      linalg.yield %82 : f32
    } -> tensor<?x16x1x1xf32>
    %66 = tensor.empty(%dim_45) : tensor<?x16x1x1xi8>
    %67 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%65 : tensor<?x16x1x1xf32>) outs(%66 : tensor<?x16x1x1xi8>) {
    ^bb0(%in: f32, %out: i8):
      %82 = arith.divf %in, %cst_23 : f32
      %83 = math.roundeven %82 : f32
      %84 = arith.addf %83, %cst : f32
      %85 = arith.maximumf %84, %cst : f32
      %86 = arith.minimumf %85, %cst_0 : f32
      %87 = arith.fptoui %86 : f32 to i8
      linalg.yield %87 : i8
    } -> tensor<?x16x1x1xi8>
    %68 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%67 : tensor<?x16x1x1xi8>) outs(%61 : tensor<?x16x1x1xf32>) {
    ^bb0(%in: i8, %out: f32):
      %82 = arith.uitofp %in : i8 to f32
      %83 = arith.mulf %82, %cst_23 : f32
      linalg.yield %83 : f32
    } -> tensor<?x16x1x1xf32>
    %collapsed = tensor.collapse_shape %68 [[0], [1, 2, 3]] : tensor<?x16x1x1xf32> into tensor<?x16xf32>
    %69 = tensor.empty(%dim_45) : tensor<?x16xi8>
    %70 = linalg.generic {indexing_maps = [#map2, #map2], iterator_types = ["parallel", "parallel"]} ins(%collapsed : tensor<?x16xf32>) outs(%69 : tensor<?x16xi8>) {
    ^bb0(%in: f32, %out: i8):
      %82 = arith.divf %in, %cst_23 : f32
      %83 = math.roundeven %82 : f32
      %84 = arith.addf %83, %cst : f32
      %85 = arith.maximumf %84, %cst : f32
      %86 = arith.minimumf %85, %cst_0 : f32
      %87 = arith.fptoui %86 : f32 to i8
      linalg.yield %87 : i8
    } -> tensor<?x16xi8>
    %71 = tensor.empty() : tensor<16x10xi8>
    %transposed_48 = linalg.transpose ins(%cst_27 : tensor<10x16xi8>) outs(%71 : tensor<16x10xi8>) permutation = [1, 0]
    %72 = tensor.empty(%dim_45) : tensor<?x10xi32>
    %73 = linalg.fill ins(%c0_i32 : i32) outs(%72 : tensor<?x10xi32>) -> tensor<?x10xi32>
    %74 = linalg.generic {indexing_maps = [#map2, #map2], iterator_types = ["parallel", "parallel"]} ins(%70 : tensor<?x16xi8>) outs(%69 : tensor<?x16xi8>) {
    ^bb0(%in: i8, %out: i8):
      %82 = arith.addi %in, %c-128_i8 : i8
      linalg.yield %82 : i8
    } -> tensor<?x16xi8>
    %75 = linalg.quantized_matmul ins(%74, %transposed_48, %c-128_i32, %c0_i32 : tensor<?x16xi8>, tensor<16x10xi8>, i32, i32) outs(%73 : tensor<?x10xi32>) -> tensor<?x10xi32>
    %76 = tensor.empty(%dim_45) : tensor<?x10xf32>
    %77 = linalg.generic {indexing_maps = [#map2, #map2], iterator_types = ["parallel", "parallel"]} ins(%75 : tensor<?x10xi32>) outs(%76 : tensor<?x10xf32>) {
    ^bb0(%in: i32, %out: f32):
      %82 = arith.truncf %cst_24 : f64 to f32
      %83 = arith.sitofp %in : i32 to f32
      %84 = arith.mulf %83, %82 : f32
      linalg.yield %84 : f32
    } -> tensor<?x10xf32>
    %78 = linalg.generic {indexing_maps = [#map2, #map3, #map2], iterator_types = ["parallel", "parallel"]} ins(%77, %7 : tensor<?x10xf32>, tensor<10xf32>) outs(%76 : tensor<?x10xf32>) {
    ^bb0(%in: f32, %in_49: f32, %out: f32):
      %82 = arith.addf %in, %in_49 : f32
      linalg.yield %82 : f32
    } -> tensor<?x10xf32>
    %79 = tensor.empty(%dim_45) : tensor<?x10xi8>
    %80 = linalg.generic {indexing_maps = [#map2, #map2], iterator_types = ["parallel", "parallel"]} ins(%78 : tensor<?x10xf32>) outs(%79 : tensor<?x10xi8>) {
    ^bb0(%in: f32, %out: i8):
      %82 = arith.divf %in, %cst_25 : f32
      %83 = math.roundeven %82 : f32
      %84 = arith.addf %83, %cst_26 : f32
      %85 = arith.maximumf %84, %cst : f32
      %86 = arith.minimumf %85, %cst_0 : f32
      %87 = arith.fptoui %86 : f32 to i8
      linalg.yield %87 : i8
    } -> tensor<?x10xi8>
    %81 = linalg.generic {indexing_maps = [#map2, #map2], iterator_types = ["parallel", "parallel"]} ins(%80 : tensor<?x10xi8>) outs(%76 : tensor<?x10xf32>) {
    ^bb0(%in: i8, %out: f32):
      %82 = arith.extui %in : i8 to i64
      %83 = arith.subi %82, %c128_i64 : i64
      %84 = arith.sitofp %83 : i64 to f32
      %85 = arith.mulf %84, %cst_25 : f32
      linalg.yield %85 : f32
    } -> tensor<?x10xf32>
    return %81 : tensor<?x10xf32>
  }
}

#map = affine_map<(d0) -> (d0)>
#map1 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#map2 = affine_map<(d0, d1) -> (d0, d1)>
#map3 = affine_map<(d0, d1) -> (d1)>
module {
  func.func @g(%arg0: tensor<1x3x16x16xf32>) -> tensor<1x10xf32> {
    %cst = arith.constant -1.280000e+02 : f32
    %cst_0 = arith.constant 1.270000e+02 : f32
    %cst_1 = arith.constant -2.14748365E+9 : f32
    %cst_2 = arith.constant 2.14748365E+9 : f32
    %c-128_i64 = arith.constant -128 : i64
    %c23_i64 = arith.constant 23 : i64
    %cst_3 = arith.constant 0xFF800000 : f32
    %cst_4 = arith.constant 0.000000e+00 : f32
    %c0_i32 = arith.constant 0 : i32
    %c42_i64 = arith.constant 42 : i64
    %cst_5 = arith.constant 2.11381397E-4 : f32
    %cst_6 = arith.constant 1.84831064E-4 : f32
    %cst_7 = arith.constant 1.0666348E-4 : f32
    %cst_8 = arith.constant 3.70532711E-4 : f32
    %cst_9 = arith.constant 1.53323053E-4 : f32
    %cst_10 = arith.constant 0.0311623514 : f32
    %cst_11 = arith.constant -1.000000e+00 : f32
    %cst_12 = arith.constant 2.1138140385651427E-4 : f64
    %c-1_i32 = arith.constant -1 : i32
    %c-1_i8 = arith.constant -1 : i8
    %cst_13 = arith.constant 0.0252400264 : f32
    %cst_14 = arith.constant 1.8483105910459957E-4 : f64
    %c-128_i32 = arith.constant -128 : i32
    %c-128_i8 = arith.constant -128 : i8
    %cst_15 = arith.constant 0.019797029 : f32
    %cst_16 = arith.constant 1.0666347996198498E-4 : f64
    %cst_17 = arith.constant 0.0165707711 : f32
    %cst_18 = arith.constant 2.300000e+01 : f32
    %cst_19 = arith.constant 0.0418107957 : f32
    %cst_20 = arith.constant -6.800000e+01 : f32
    %cst_21 = arith.constant 3.7053272096410073E-4 : f64
    %c-68_i32 = arith.constant -68 : i32
    %c-68_i8 = arith.constant -68 : i8
    %cst_22 = arith.constant 0.0528596267 : f32
    %cst_23 = arith.constant 1.600000e+01 : f32
    %cst_24 = arith.constant 0.0232415218 : f32
    %cst_25 = arith.constant 1.5332305704878011E-4 : f64
    %cst_26 = arith.constant 0.0661754534 : f32
    %cst_27 = arith.constant 4.200000e+01 : f32
    %cst_28 = arith.constant dense<"0xDB0BF3FC07FDD227213B3FC33A3BE82F43E7C1F07F0BC9F4D3EE048C1040F7EF32C6C7C1F912FC192617DBF439D0F4EDF8CFC3742BE0FD1FF01CE4F0FCEB90010C16D3100AB09C16D52E61E6E1FF1FCC392D1EE72A27C95FF211E81235DBB5ECC5DEFAFD3BD210E93E730E4CE8B7C6B8D5F5342015EDDF02060C11FBA8CDDA4DED1F430FEEF3D20E331A23215BE307203992E8F7D1270AEEB6C4D315C9A2BEE5"> : tensor<10x16xi8>
    %cst_29 = arith.constant dense<[-622, -294, -474, 80, -416, 1069, -459, -194]> : tensor<8xi32>
    %cst_30 = arith.constant dense<[-1271, 1084, 2897, -503, -962, -256, -781, -1139]> : tensor<8xi32>
    %cst_31 = arith.constant dense<[1287, 2096, 5973, -4723, -1509, 3750, -3811, -3374]> : tensor<8xi32>
    %cst_32 = arith.constant dense<[-1244, -759, 266, -958, -525, 1330, 912, -561, 489, -527, 1318, -474, 66, 1121, -670, 1056]> : tensor<16xi32>
    %cst_33 = arith.constant dense<[3274, 4895, -942, 1847, 2742, 2513, -229, -2548, -955, -3643]> : tensor<10xi32>
    %cst_34 = arith.constant dense<"0x0F240FC62814E81A100D0118DFF9EB1A02F3DDF500F4392D88ACF8ED090A5ECFEF5A1D1DE9B70705CAE2FDD6FC0402EA1A270EDC20EA27D128FFC9F2020CD5CF09EB0A22B70B36F3DC210B28F1BEFBEC2209B8CB271EE4001415270BFCF52F9CFA01C10FE326FA1E3611D9BD4EFBE206F8260201E015D21D43BD931B71D4C91ADBEAF118EE0CF8DBF2D600CED040FEFE17EDF6130CCD25E6D1D8EF48CC07A10028F6E40A1F1D5709E6FAFD05FF08B625E7CC1C3A1607D77F27CEDE04BB07EC362B8802B8310718D15159D110E2FFC853D5F316E3F5E7FACC"> : tensor<8x3x3x3xi8>
    %cst_35 = arith.constant dense<[[[-27, -22, -52], [21, -47, -31], [15, 16, -16]], [[-83, 17, 11], [-58, 32, -29], [-46, 4, -7]], [[8, -66, 74], [-25, -63, 25], [-15, 13, -14]], [[-2, 10, -31], [28, -19, -36], [3, 18, -9]], [[-35, 25, -72], [-42, 2, -56], [1, -2, 37]], [[-37, -26, 14], [-101, 127, -29], [-30, 35, -2]], [[-73, 26, 35], [-18, -12, 20], [-37, 18, 8]], [[-28, -57, -9], [-36, 41, 6], [32, 6, 11]]]> : tensor<8x3x3xi8>
    %cst_36 = arith.constant dense<[[[[8]], [[-16]], [[80]], [[0]], [[18]], [[53]], [[-17]], [[80]]], [[[-35]], [[-45]], [[-20]], [[-6]], [[-78]], [[-2]], [[-93]], [[78]]], [[[-5]], [[-36]], [[-51]], [[-21]], [[-12]], [[-58]], [[-51]], [[-10]]], [[[-29]], [[52]], [[63]], [[1]], [[26]], [[-74]], [[35]], [[-2]]], [[[27]], [[89]], [[-127]], [[15]], [[-61]], [[33]], [[-73]], [[-28]]], [[[11]], [[34]], [[4]], [[-44]], [[-31]], [[49]], [[0]], [[-94]]], [[[47]], [[23]], [[49]], [[-19]], [[46]], [[-59]], [[32]], [[-27]]], [[[38]], [[56]], [[-41]], [[-3]], [[2]], [[66]], [[40]], [[-68]]]]> : tensor<8x8x1x1xi8>
    %cst_37 = arith.constant dense<"0x1222E91204330022E1FAFD2714E7171AFCF7F9C70608E319D2EDF043CA13200D28DEB31AD8F5D8241DE81F04FB02F9150BF422EB0A0E32EF3B06F9E91402DBDAEDE9252F1D0CF2021E481FF701F0E6FA073E022E3C033618F20901F8F9050FE200CC0915060A14E9F811220D56FD222BFBE4D805260906F313B80801D24AD1DCD726E2171409D4EB39D4E4FB1B0919DC2013CA344EE6022FCEBDD4EDEC1509D6133F29220121DF19FD2610DB0429DAEDE6CD212C1B08FE08E71E2320EE03FA3D06C00D40171E01BDC3D6FC0A17F420F7E81DE1A4DC0398F4F5D0CEF0ED2B0DCAE318400D0B3FFFF6D0EF4AD000D0041EF819180F3A1AF6E9E310F55C3EF9F539C0F120E1F0F416050E140126E7CFC4C9ED2306ECDCEEF2EDD0F022B6F8B806E7B9033E0427FEB711F2CF1B0AEE1DE216E012DB320931E4F01CA3DC231021F613E7D2C7EDEDEB88BCEE0AECE2B244DB393509ED04D9090012203BF323E5E2EBDF211F2BFF09ECD90F09DB14C5FAEBEEDB20132804D4F3D80F290BEBF306CF0506EDF105E4E41A0738DEC31F20E6CDFEC4F4B5F7B7F732F619E9E1CC22FD36D7F7012E3CE8D8C42CFBE8FDA8C41E0C03DC123AD5FFEF0AFFF9E0FEE9F9FC14EAF322F7F51B070106D40E2B12CA08E0F703D62CFC19142C27CD00B6F0171E2AF20A022A35F37FFFF2131911E93101332ED4DEDD080108E40E2FD2F908FBF93B2B1CE64B0CECF4EF470602B719DCD914E21C26C3FBCAFD1ED13DF5D7FB1AD100D12805F122D4F23EFB2D06E8F702F1E3E5CD030D19C21BFFCF031B11181F1EFEB9E60BEF161A013FDE1FEFE513EA1CD801E3F7F3D916D5DE1E20160B4DD6E6DE1E092520F8E4DE4A2014F4F9F4F5AEFDF309071CFF1AA9DA3AD6F617E218CFBFD3C8FFF50BDC56FCFE0FF7EA021F161FECE543F7101930D2EFF1F5AEFC9E0A1214D720E2D6DEE3061CB9ED1E0711CD20CB062E40111EEBF02800FCD00516E5EF3606F6DAEBF82EEB3DE1F41DF8E4FC0FC6F8FCF219EDF40119F933E12CE3FA0C461EF22CF9E50F0320ED0D1509FFE81F0511F400DD031A031D0B2EFAC90FFADF16090FF507093CE9000CC6CA49C413E3E6BDE21BD1140B44F02B1EF6C833D2F01E26E3FFF72855C21F9F00DA4306E7EFED06FB163418D6C9E624F5E905D0D911F6F10BECE9F01402D8F6163FD90BF71C0F3212EEEE0E0D5139D80CD3C81913DD38DFD81607FBFE08FBFAC0D315E8122AF40A46183E341AFCE3DA1010FA1DEC2601FF00FD54C9062A18F63BDCD413CFB01E1A19EF06DF3B1B19BE1B33291B00F4140D08F639D8FFEC23302A1AD14611FC01F50E0AF4A9FF1012FB0F23F032BED5E1ADDE2A2A033A08EF08FB19CD22F01DCCF2031FD73810EE2903274F1AEEF2140AE4E9174FA719F91A1D02DED1C129F9EEF7D30A2D27CB2EE6BFD6DF00DDCDF741E810035AC025D5ECFD6CE6C02CE4F8FF03FA090D1DF2E7DC14FE1312390719D7DBF5D717D302ADDBF5F7C3042116EAECD81531EEC70718A405491C130E24E0E30EE909BF1A1D010637DBE1DBF2DE01EACFCC29FEF801FD1A13ECE4DBD62FE1BCE3E50BE2120D2B49602ED9F208461729FA1418F11A24FB22380200F6EB05F2F5E6"> : tensor<16x8x3x3xi8>
    %0 = tensor.empty() : tensor<8xf32>
    %1 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%cst_29 : tensor<8xi32>) outs(%0 : tensor<8xf32>) {
    ^bb0(%in: i32, %out: f32):
      %68 = arith.sitofp %in : i32 to f32
      %69 = arith.mulf %68, %cst_5 : f32
      linalg.yield %69 : f32
    } -> tensor<8xf32>
    %2 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%cst_30 : tensor<8xi32>) outs(%0 : tensor<8xf32>) {
    ^bb0(%in: i32, %out: f32):
      %68 = arith.sitofp %in : i32 to f32
      %69 = arith.mulf %68, %cst_6 : f32
      linalg.yield %69 : f32
    } -> tensor<8xf32>
    %3 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%cst_31 : tensor<8xi32>) outs(%0 : tensor<8xf32>) {
    ^bb0(%in: i32, %out: f32):
      %68 = arith.sitofp %in : i32 to f32
      %69 = arith.mulf %68, %cst_7 : f32
      linalg.yield %69 : f32
    } -> tensor<8xf32>
    %4 = tensor.empty() : tensor<16xf32>
    %5 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%cst_32 : tensor<16xi32>) outs(%4 : tensor<16xf32>) {
    ^bb0(%in: i32, %out: f32):
      %68 = arith.sitofp %in : i32 to f32
      %69 = arith.mulf %68, %cst_8 : f32
      linalg.yield %69 : f32
    } -> tensor<16xf32>
    %6 = tensor.empty() : tensor<10xf32>
    %7 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%cst_33 : tensor<10xi32>) outs(%6 : tensor<10xf32>) {
    ^bb0(%in: i32, %out: f32):
      %68 = arith.sitofp %in : i32 to f32
      %69 = arith.mulf %68, %cst_9 : f32
      linalg.yield %69 : f32
    } -> tensor<10xf32>
    %8 = tensor.empty() : tensor<1x3x16x16xi8>
    %9 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%arg0 : tensor<1x3x16x16xf32>) outs(%8 : tensor<1x3x16x16xi8>) {
    ^bb0(%in: f32, %out: i8):
      %68 = arith.divf %in, %cst_10 : f32
      %69 = math.roundeven %68 : f32
      %70 = arith.addf %69, %cst_11 : f32
      %71 = arith.maximumf %70, %cst : f32
      %72 = arith.minimumf %71, %cst_0 : f32
      %73 = arith.fptosi %72 : f32 to i8
      linalg.yield %73 : i8
    } -> tensor<1x3x16x16xi8>
    %10 = tensor.empty() : tensor<8xi32>
    %11 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%1 : tensor<8xf32>) outs(%10 : tensor<8xi32>) {
    ^bb0(%in: f32, %out: i32):
      %68 = arith.truncf %cst_12 : f64 to f32
      %69 = arith.divf %in, %68 : f32
      %70 = math.roundeven %69 : f32
      %71 = arith.addf %70, %cst_4 : f32
      %72 = arith.maximumf %71, %cst_1 : f32
      %73 = arith.minimumf %72, %cst_2 : f32
      %74 = arith.fptosi %73 : f32 to i32
      linalg.yield %74 : i32
    } -> tensor<8xi32>
    %padded = tensor.pad %9 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg1: index, %arg2: index, %arg3: index, %arg4: index):
      tensor.yield %c-1_i8 : i8
    } : tensor<1x3x16x16xi8> to tensor<1x3x18x18xi8>
    %12 = tensor.empty() : tensor<1x8x8x8xi32>
    %broadcasted = linalg.broadcast ins(%11 : tensor<8xi32>) outs(%12 : tensor<1x8x8x8xi32>) dimensions = [0, 2, 3]
    %13 = linalg.conv_2d_nchw_fchw_q {dilations = dense<1> : vector<2xi64>, strides = dense<2> : vector<2xi64>} ins(%padded, %cst_34, %c-1_i32, %c0_i32 : tensor<1x3x18x18xi8>, tensor<8x3x3x3xi8>, i32, i32) outs(%broadcasted : tensor<1x8x8x8xi32>) -> tensor<1x8x8x8xi32>
    %14 = tensor.empty() : tensor<1x8x8x8xf32>
    %15 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%13 : tensor<1x8x8x8xi32>) outs(%14 : tensor<1x8x8x8xf32>) {
    ^bb0(%in: i32, %out: f32):
      %68 = arith.truncf %cst_12 : f64 to f32
      %69 = arith.sitofp %in : i32 to f32
      %70 = arith.mulf %69, %68 : f32
      linalg.yield %70 : f32
    } -> tensor<1x8x8x8xf32>
    %16 = tensor.empty() : tensor<1x8x8x8xi8>
    %17 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%15 : tensor<1x8x8x8xf32>) outs(%16 : tensor<1x8x8x8xi8>) {
    ^bb0(%in: f32, %out: i8):
      %68 = arith.divf %in, %cst_13 : f32
      %69 = math.roundeven %68 : f32
      %70 = arith.addf %69, %cst : f32
      %71 = arith.maximumf %70, %cst : f32
      %72 = arith.minimumf %71, %cst_0 : f32
      %73 = arith.fptosi %72 : f32 to i8
      linalg.yield %73 : i8
    } -> tensor<1x8x8x8xi8>
    %18 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%17 : tensor<1x8x8x8xi8>) outs(%14 : tensor<1x8x8x8xf32>) {
    ^bb0(%in: i8, %out: f32):
      %68 = arith.extsi %in : i8 to i64
      %69 = arith.subi %68, %c-128_i64 : i64
      %70 = arith.sitofp %69 : i64 to f32
      %71 = arith.mulf %70, %cst_13 : f32
      linalg.yield %71 : f32
    } -> tensor<1x8x8x8xf32>
    %19 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%2 : tensor<8xf32>) outs(%10 : tensor<8xi32>) {
    ^bb0(%in: f32, %out: i32):
      %68 = arith.truncf %cst_14 : f64 to f32
      %69 = arith.divf %in, %68 : f32
      %70 = math.roundeven %69 : f32
      %71 = arith.addf %70, %cst_4 : f32
      %72 = arith.maximumf %71, %cst_1 : f32
      %73 = arith.minimumf %72, %cst_2 : f32
      %74 = arith.fptosi %73 : f32 to i32
      linalg.yield %74 : i32
    } -> tensor<8xi32>
    %padded_38 = tensor.pad %17 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg1: index, %arg2: index, %arg3: index, %arg4: index):
      tensor.yield %c-128_i8 : i8
    } : tensor<1x8x8x8xi8> to tensor<1x8x10x10xi8>
    %20 = tensor.empty() : tensor<1x10x10x8xi8>
    %transposed = linalg.transpose ins(%padded_38 : tensor<1x8x10x10xi8>) outs(%20 : tensor<1x10x10x8xi8>) permutation = [0, 2, 3, 1]
    %21 = tensor.empty() : tensor<3x3x8xi8>
    %transposed_39 = linalg.transpose ins(%cst_35 : tensor<8x3x3xi8>) outs(%21 : tensor<3x3x8xi8>) permutation = [1, 2, 0]
    %broadcasted_40 = linalg.broadcast ins(%19 : tensor<8xi32>) outs(%12 : tensor<1x8x8x8xi32>) dimensions = [0, 1, 2]
    %22 = linalg.depthwise_conv_2d_nhwc_hwc_q {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>} ins(%transposed, %transposed_39, %c-128_i32, %c0_i32 : tensor<1x10x10x8xi8>, tensor<3x3x8xi8>, i32, i32) outs(%broadcasted_40 : tensor<1x8x8x8xi32>) -> tensor<1x8x8x8xi32>
    %transposed_41 = linalg.transpose ins(%22 : tensor<1x8x8x8xi32>) outs(%12 : tensor<1x8x8x8xi32>) permutation = [0, 3, 1, 2]
    %23 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%transposed_41 : tensor<1x8x8x8xi32>) outs(%14 : tensor<1x8x8x8xf32>) {
    ^bb0(%in: i32, %out: f32):
      %68 = arith.truncf %cst_14 : f64 to f32
      %69 = arith.sitofp %in : i32 to f32
      %70 = arith.mulf %69, %68 : f32
      linalg.yield %70 : f32
    } -> tensor<1x8x8x8xf32>
    %24 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%23 : tensor<1x8x8x8xf32>) outs(%16 : tensor<1x8x8x8xi8>) {
    ^bb0(%in: f32, %out: i8):
      %68 = arith.divf %in, %cst_15 : f32
      %69 = math.roundeven %68 : f32
      %70 = arith.addf %69, %cst : f32
      %71 = arith.maximumf %70, %cst : f32
      %72 = arith.minimumf %71, %cst_0 : f32
      %73 = arith.fptosi %72 : f32 to i8
      linalg.yield %73 : i8
    } -> tensor<1x8x8x8xi8>
    %25 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%3 : tensor<8xf32>) outs(%10 : tensor<8xi32>) {
    ^bb0(%in: f32, %out: i32):
      %68 = arith.truncf %cst_16 : f64 to f32
      %69 = arith.divf %in, %68 : f32
      %70 = math.roundeven %69 : f32
      %71 = arith.addf %70, %cst_4 : f32
      %72 = arith.maximumf %71, %cst_1 : f32
      %73 = arith.minimumf %72, %cst_2 : f32
      %74 = arith.fptosi %73 : f32 to i32
      linalg.yield %74 : i32
    } -> tensor<8xi32>
    %broadcasted_42 = linalg.broadcast ins(%25 : tensor<8xi32>) outs(%12 : tensor<1x8x8x8xi32>) dimensions = [0, 2, 3]
    %26 = linalg.conv_2d_nchw_fchw_q {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>} ins(%24, %cst_36, %c-128_i32, %c0_i32 : tensor<1x8x8x8xi8>, tensor<8x8x1x1xi8>, i32, i32) outs(%broadcasted_42 : tensor<1x8x8x8xi32>) -> tensor<1x8x8x8xi32>
    %27 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%26 : tensor<1x8x8x8xi32>) outs(%14 : tensor<1x8x8x8xf32>) {
    ^bb0(%in: i32, %out: f32):
      %68 = arith.truncf %cst_16 : f64 to f32
      %69 = arith.sitofp %in : i32 to f32
      %70 = arith.mulf %69, %68 : f32
      linalg.yield %70 : f32
    } -> tensor<1x8x8x8xf32>
    %28 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%27 : tensor<1x8x8x8xf32>) outs(%16 : tensor<1x8x8x8xi8>) {
    ^bb0(%in: f32, %out: i8):
      %68 = arith.divf %in, %cst_17 : f32
      %69 = math.roundeven %68 : f32
      %70 = arith.addf %69, %cst_18 : f32
      %71 = arith.maximumf %70, %cst : f32
      %72 = arith.minimumf %71, %cst_0 : f32
      %73 = arith.fptosi %72 : f32 to i8
      linalg.yield %73 : i8
    } -> tensor<1x8x8x8xi8>
    %29 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%28 : tensor<1x8x8x8xi8>) outs(%14 : tensor<1x8x8x8xf32>) {
    ^bb0(%in: i8, %out: f32):
      %68 = arith.extsi %in : i8 to i64
      %69 = arith.subi %68, %c23_i64 : i64
      %70 = arith.sitofp %69 : i64 to f32
      %71 = arith.mulf %70, %cst_17 : f32
      linalg.yield %71 : f32
    } -> tensor<1x8x8x8xf32>
    %30 = linalg.generic {indexing_maps = [#map1, #map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%18, %29 : tensor<1x8x8x8xf32>, tensor<1x8x8x8xf32>) outs(%14 : tensor<1x8x8x8xf32>) {
    ^bb0(%in: f32, %in_46: f32, %out: f32):
      %68 = arith.addf %in, %in_46 : f32
      linalg.yield %68 : f32
    } -> tensor<1x8x8x8xf32>
    %31 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%30 : tensor<1x8x8x8xf32>) outs(%16 : tensor<1x8x8x8xi8>) {
    ^bb0(%in: f32, %out: i8):
      %68 = arith.divf %in, %cst_19 : f32
      %69 = math.roundeven %68 : f32
      %70 = arith.addf %69, %cst_20 : f32
      %71 = arith.maximumf %70, %cst : f32
      %72 = arith.minimumf %71, %cst_0 : f32
      %73 = arith.fptosi %72 : f32 to i8
      linalg.yield %73 : i8
    } -> tensor<1x8x8x8xi8>
    %32 = tensor.empty() : tensor<16xi32>
    %33 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%5 : tensor<16xf32>) outs(%32 : tensor<16xi32>) {
    ^bb0(%in: f32, %out: i32):
      %68 = arith.truncf %cst_21 : f64 to f32
      %69 = arith.divf %in, %68 : f32
      %70 = math.roundeven %69 : f32
      %71 = arith.addf %70, %cst_4 : f32
      %72 = arith.maximumf %71, %cst_1 : f32
      %73 = arith.minimumf %72, %cst_2 : f32
      %74 = arith.fptosi %73 : f32 to i32
      linalg.yield %74 : i32
    } -> tensor<16xi32>
    %padded_43 = tensor.pad %31 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg1: index, %arg2: index, %arg3: index, %arg4: index):
      tensor.yield %c-68_i8 : i8
    } : tensor<1x8x8x8xi8> to tensor<1x8x10x10xi8>
    %34 = tensor.empty() : tensor<1x16x8x8xi32>
    %broadcasted_44 = linalg.broadcast ins(%33 : tensor<16xi32>) outs(%34 : tensor<1x16x8x8xi32>) dimensions = [0, 2, 3]
    %35 = linalg.conv_2d_nchw_fchw_q {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>} ins(%padded_43, %cst_37, %c-68_i32, %c0_i32 : tensor<1x8x10x10xi8>, tensor<16x8x3x3xi8>, i32, i32) outs(%broadcasted_44 : tensor<1x16x8x8xi32>) -> tensor<1x16x8x8xi32>
    %36 = tensor.empty() : tensor<1x16x8x8xf32>
    %37 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%35 : tensor<1x16x8x8xi32>) outs(%36 : tensor<1x16x8x8xf32>) {
    ^bb0(%in: i32, %out: f32):
      %68 = arith.truncf %cst_21 : f64 to f32
      %69 = arith.sitofp %in : i32 to f32
      %70 = arith.mulf %69, %68 : f32
      linalg.yield %70 : f32
    } -> tensor<1x16x8x8xf32>
    %38 = tensor.empty() : tensor<1x16x8x8xi8>
    %39 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%37 : tensor<1x16x8x8xf32>) outs(%38 : tensor<1x16x8x8xi8>) {
    ^bb0(%in: f32, %out: i8):
      %68 = arith.divf %in, %cst_22 : f32
      %69 = math.roundeven %68 : f32
      %70 = arith.addf %69, %cst : f32
      %71 = arith.maximumf %70, %cst : f32
      %72 = arith.minimumf %71, %cst_0 : f32
      %73 = arith.fptosi %72 : f32 to i8
      linalg.yield %73 : i8
    } -> tensor<1x16x8x8xi8>
    %40 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%39 : tensor<1x16x8x8xi8>) outs(%36 : tensor<1x16x8x8xf32>) {
    ^bb0(%in: i8, %out: f32):
      %68 = arith.extsi %in : i8 to i64
      %69 = arith.subi %68, %c-128_i64 : i64
      %70 = arith.sitofp %69 : i64 to f32
      %71 = arith.mulf %70, %cst_22 : f32
      linalg.yield %71 : f32
    } -> tensor<1x16x8x8xf32>
    %41 = tensor.empty() : tensor<1x16x4x4xf32>
    %42 = linalg.fill ins(%cst_3 : f32) outs(%41 : tensor<1x16x4x4xf32>) -> tensor<1x16x4x4xf32>
    %43 = tensor.empty() : tensor<2x2xf32>
    %44 = linalg.pooling_nchw_max {dilations = dense<1> : vector<2xi64>, strides = dense<2> : vector<2xi64>} ins(%40, %43 : tensor<1x16x8x8xf32>, tensor<2x2xf32>) outs(%42 : tensor<1x16x4x4xf32>) -> tensor<1x16x4x4xf32>
    %45 = tensor.empty() : tensor<1x16x4x4xi8>
    %46 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%44 : tensor<1x16x4x4xf32>) outs(%45 : tensor<1x16x4x4xi8>) {
    ^bb0(%in: f32, %out: i8):
      %68 = arith.divf %in, %cst_22 : f32
      %69 = math.roundeven %68 : f32
      %70 = arith.addf %69, %cst : f32
      %71 = arith.maximumf %70, %cst : f32
      %72 = arith.minimumf %71, %cst_0 : f32
      %73 = arith.fptosi %72 : f32 to i8
      linalg.yield %73 : i8
    } -> tensor<1x16x4x4xi8>
    %47 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%46 : tensor<1x16x4x4xi8>) outs(%41 : tensor<1x16x4x4xf32>) {
    ^bb0(%in: i8, %out: f32):
      %68 = arith.extsi %in : i8 to i64
      %69 = arith.subi %68, %c-128_i64 : i64
      %70 = arith.sitofp %69 : i64 to f32
      %71 = arith.mulf %70, %cst_22 : f32
      linalg.yield %71 : f32
    } -> tensor<1x16x4x4xf32>
    %48 = tensor.empty() : tensor<1x16x1x1xf32>
    %49 = linalg.fill ins(%cst_4 : f32) outs(%48 : tensor<1x16x1x1xf32>) -> tensor<1x16x1x1xf32>
    %50 = tensor.empty() : tensor<4x4xf32>
    %51 = linalg.pooling_nchw_sum {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>} ins(%47, %50 : tensor<1x16x4x4xf32>, tensor<4x4xf32>) outs(%49 : tensor<1x16x1x1xf32>) -> tensor<1x16x1x1xf32>
    %52 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%51 : tensor<1x16x1x1xf32>) outs(%48 : tensor<1x16x1x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      %68 = arith.divf %in, %cst_23 : f32
      linalg.yield %68 : f32
    } -> tensor<1x16x1x1xf32>
    %53 = tensor.empty() : tensor<1x16x1x1xi8>
    %54 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%52 : tensor<1x16x1x1xf32>) outs(%53 : tensor<1x16x1x1xi8>) {
    ^bb0(%in: f32, %out: i8):
      %68 = arith.divf %in, %cst_24 : f32
      %69 = math.roundeven %68 : f32
      %70 = arith.addf %69, %cst : f32
      %71 = arith.maximumf %70, %cst : f32
      %72 = arith.minimumf %71, %cst_0 : f32
      %73 = arith.fptosi %72 : f32 to i8
      linalg.yield %73 : i8
    } -> tensor<1x16x1x1xi8>
    %55 = linalg.generic {indexing_maps = [#map1, #map1], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%54 : tensor<1x16x1x1xi8>) outs(%48 : tensor<1x16x1x1xf32>) {
    ^bb0(%in: i8, %out: f32):
      %68 = arith.extsi %in : i8 to i64
      %69 = arith.subi %68, %c-128_i64 : i64
      %70 = arith.sitofp %69 : i64 to f32
      %71 = arith.mulf %70, %cst_24 : f32
      linalg.yield %71 : f32
    } -> tensor<1x16x1x1xf32>
    %collapsed = tensor.collapse_shape %55 [[0], [1, 2, 3]] : tensor<1x16x1x1xf32> into tensor<1x16xf32>
    %56 = tensor.empty() : tensor<1x16xi8>
    %57 = linalg.generic {indexing_maps = [#map2, #map2], iterator_types = ["parallel", "parallel"]} ins(%collapsed : tensor<1x16xf32>) outs(%56 : tensor<1x16xi8>) {
    ^bb0(%in: f32, %out: i8):
      %68 = arith.divf %in, %cst_24 : f32
      %69 = math.roundeven %68 : f32
      %70 = arith.addf %69, %cst : f32
      %71 = arith.maximumf %70, %cst : f32
      %72 = arith.minimumf %71, %cst_0 : f32
      %73 = arith.fptosi %72 : f32 to i8
      linalg.yield %73 : i8
    } -> tensor<1x16xi8>
    %58 = tensor.empty() : tensor<16x10xi8>
    %transposed_45 = linalg.transpose ins(%cst_28 : tensor<10x16xi8>) outs(%58 : tensor<16x10xi8>) permutation = [1, 0]
    %59 = tensor.empty() : tensor<1x10xi32>
    %60 = linalg.fill ins(%c0_i32 : i32) outs(%59 : tensor<1x10xi32>) -> tensor<1x10xi32>
    %61 = linalg.quantized_matmul ins(%57, %transposed_45, %c-128_i32, %c0_i32 : tensor<1x16xi8>, tensor<16x10xi8>, i32, i32) outs(%60 : tensor<1x10xi32>) -> tensor<1x10xi32>
    %62 = tensor.empty() : tensor<1x10xf32>
    %63 = linalg.generic {indexing_maps = [#map2, #map2], iterator_types = ["parallel", "parallel"]} ins(%61 : tensor<1x10xi32>) outs(%62 : tensor<1x10xf32>) {
    ^bb0(%in: i32, %out: f32):
      %68 = arith.truncf %cst_25 : f64 to f32
      %69 = arith.sitofp %in : i32 to f32
      %70 = arith.mulf %69, %68 : f32
      linalg.yield %70 : f32
    } -> tensor<1x10xf32>
    %64 = linalg.generic {indexing_maps = [#map2, #map3, #map2], iterator_types = ["parallel", "parallel"]} ins(%63, %7 : tensor<1x10xf32>, tensor<10xf32>) outs(%62 : tensor<1x10xf32>) {
    ^bb0(%in: f32, %in_46: f32, %out: f32):
      %68 = arith.addf %in, %in_46 : f32
      linalg.yield %68 : f32
    } -> tensor<1x10xf32>
    %65 = tensor.empty() : tensor<1x10xi8>
    %66 = linalg.generic {indexing_maps = [#map2, #map2], iterator_types = ["parallel", "parallel"]} ins(%64 : tensor<1x10xf32>) outs(%65 : tensor<1x10xi8>) {
    ^bb0(%in: f32, %out: i8):
      %68 = arith.divf %in, %cst_26 : f32
      %69 = math.roundeven %68 : f32
      %70 = arith.addf %69, %cst_27 : f32
      %71 = arith.maximumf %70, %cst : f32
      %72 = arith.minimumf %71, %cst_0 : f32
      %73 = arith.fptosi %72 : f32 to i8
      linalg.yield %73 : i8
    } -> tensor<1x10xi8>
    %67 = linalg.generic {indexing_maps = [#map2, #map2], iterator_types = ["parallel", "parallel"]} ins(%66 : tensor<1x10xi8>) outs(%62 : tensor<1x10xf32>) {
    ^bb0(%in: i8, %out: f32):
      %68 = arith.extsi %in : i8 to i64
      %69 = arith.subi %68, %c42_i64 : i64
      %70 = arith.sitofp %69 : i64 to f32
      %71 = arith.mulf %70, %cst_26 : f32
      linalg.yield %71 : f32
    } -> tensor<1x10xf32>
    return %67 : tensor<1x10xf32>
  }
}

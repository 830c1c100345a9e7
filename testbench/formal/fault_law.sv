// SPDX-License-Identifier: Apache-2.0
// Fault queue: records come out whole, in the order they went in, each once; what finds no room is counted.
`include "formal.svh"

module fault_law #(
  parameter int unsigned Entries = 3
) (
  input logic               clk_i,
  input logic               enable_i,
  input logic               push_valid_i,
  input logic               push_port_i,
  input logic [7:0]         push_tag_i,
  input logic [63:0]        push_va_i,
  input mmu_pkg::syndrome_t push_syndrome_i,
  input logic               pop_i,
  input logic               clear_overflow_i,
  input logic [2:0]         field_i,
  input logic               watch_i
);
  `FORMAL_RESET

  logic [63:0] word;
  logic        valid, full, overflow;
  logic [7:0]  head, tail, count;
  logic [31:0] drops;
  fault_queue #(.Entries(Entries)) dut (
    .clk_i, .rst_ni, .enable_i, .push_valid_i, .push_port_i, .push_tag_i, .push_va_i, .push_syndrome_i, .pop_i,
    .clear_overflow_i, .read_i (1'b1), .field_i, .word_o (word), .valid_o (valid), .full_o (full),
    .overflow_o (overflow), .head_o (head), .tail_o (tail), .count_o (count), .drops_o (drops)
  );
  logic push, pop, drop;
  assign pop  = pop_i && valid;
  assign push = enable_i && push_valid_i && (!full || pop);
  assign drop = enable_i && push_valid_i && full && !pop;

  // One record, any; how many are before it.
  logic               watched_q, seen_q;
  logic [7:0]         before_q, count_q, place_q;
  logic [31:0]        drops_q;
  logic               overflow_q;
  logic [330:0]       record_q;  // owner, address, registers 0 to 3
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {watched_q, seen_q, overflow_q} <= '0;
      {count_q, drops_q} <= '0;
    end else begin
      count_q    <= count_q + {7'd0, push} - {7'd0, pop};
      drops_q    <= drops_q + {31'd0, drop};
      overflow_q <= drop || (overflow_q && !clear_overflow_i);
      if (push && watch_i && !seen_q) begin
        {watched_q, seen_q} <= 2'b11;
        before_q <= count_q - {7'd0, pop};
        place_q  <= tail;
        record_q <= {push_syndrome_i.gva, push_syndrome_i.to_hyp, push_port_i, push_tag_i, push_va_i, push_syndrome_i.reg0,
                     push_syndrome_i.reg1, push_syndrome_i.reg2, push_syndrome_i.reg3};
      end else if (watched_q && pop) begin
        watched_q <= before_q != '0;
        before_q  <= before_q - 8'd1;
      end
    end
  end
  `PROVE(counts, "the count is of what went in and not out", count == count_q && count_q <= 8'(Entries))
  `PROVE(flags, "valid and full say so", valid == (count_q != '0) && full == (count_q == 8'(Entries)))
  `PROVE(no_room, "what found no room is counted and leaves the overflow flag", drops == drops_q && overflow == overflow_q)
  logic [63:0] said;  // what the record says of the field
  always_comb begin
    unique case (field_i)
      3'(regs_pkg::AddrFaultVa >> 3):   said = record_q[319:256];
      3'(regs_pkg::AddrFaultReg0 >> 3): said = record_q[255:192];
      3'(regs_pkg::AddrFaultReg1 >> 3): said = record_q[191:128];
      3'(regs_pkg::AddrFaultReg2 >> 3): said = record_q[127:64];
      3'(regs_pkg::AddrFaultReg3 >> 3): said = record_q[63:0];
      default:                          said = '0;
    endcase
  end
  regs_pkg::fault_info_t info;
  always_comb begin
    info       = '0;
    info.valid = 1'b1;
    {info.gva, info.to_hyp, info.port, info.tag} = record_q[330:320];
  end
  `PROVE(in_order, "the oldest record is the one with none before it, whole", !(watched_q && before_q == '0) ||
         word == ((field_i == 3'(regs_pkg::AddrFaultInfo >> 3)) ? info : said))
  `PROVE(none, "and where there is none it reads as 0", valid || word == '0)
  (* hierconn *) wire [10:0] \dut.owner_q[0] ;
  (* hierconn *) wire [63:0] \dut.va_q[0] ;
  (* hierconn *) wire [63:0] \dut.reg0_q[0] ;
  (* hierconn *) wire [63:0] \dut.reg1_q[0] ;
  (* hierconn *) wire [63:0] \dut.reg2_q[0] ;
  (* hierconn *) wire [63:0] \dut.reg3_q[0] ;
  (* hierconn *) wire [10:0] \dut.owner_q[1] ;
  (* hierconn *) wire [63:0] \dut.va_q[1] ;
  (* hierconn *) wire [63:0] \dut.reg0_q[1] ;
  (* hierconn *) wire [63:0] \dut.reg1_q[1] ;
  (* hierconn *) wire [63:0] \dut.reg2_q[1] ;
  (* hierconn *) wire [63:0] \dut.reg3_q[1] ;
  (* hierconn *) wire [10:0] \dut.owner_q[2] ;
  (* hierconn *) wire [63:0] \dut.va_q[2] ;
  (* hierconn *) wire [63:0] \dut.reg0_q[2] ;
  (* hierconn *) wire [63:0] \dut.reg1_q[2] ;
  (* hierconn *) wire [63:0] \dut.reg2_q[2] ;
  (* hierconn *) wire [63:0] \dut.reg3_q[2] ;
  logic [330:0] held;
  assign held = (place_q == 8'd0) ? {\dut.owner_q[0] , \dut.va_q[0] , \dut.reg0_q[0] , \dut.reg1_q[0] , \dut.reg2_q[0] , \dut.reg3_q[0] } :
                (place_q == 8'd1) ? {\dut.owner_q[1] , \dut.va_q[1] , \dut.reg0_q[1] , \dut.reg1_q[1] , \dut.reg2_q[1] , \dut.reg3_q[1] } :
                                    {\dut.owner_q[2] , \dut.va_q[2] , \dut.reg0_q[2] , \dut.reg1_q[2] , \dut.reg2_q[2] , \dut.reg3_q[2] };
  logic [7:0] ahead;
  assign ahead = (head + before_q >= 8'(Entries)) ? head + before_q - 8'(Entries) : head + before_q;
  `PROVE(h_pointers, "head and tail are entries, apart by the count", head < 8'(Entries) && tail < 8'(Entries) &&
         tail == ((head + count_q >= 8'(Entries)) ? head + count_q - 8'(Entries) : head + count_q))
  `PROVE(h_place, "the record is where it was put", !watched_q || (before_q < count_q && place_q == ahead && held == record_q))
  `COVER(wraps, "a record comes out of the entry that another was in", watched_q && before_q == '0 && place_q == '0 && again_q)
  `COVER(pop_and_push, "a push goes into the room that a pop makes", push && full && pop)
  `COVER(dropped, "a record is dropped as the flag is cleared", drop && clear_overflow_i && overflow)
  logic again_q;
  always_ff @(posedge clk_i) again_q <= rst_ni && (again_q || (push && count_q == 8'(Entries - 1) && !seen_q));
endmodule

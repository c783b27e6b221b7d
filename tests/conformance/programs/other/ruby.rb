# Ruby's pg: it uses most of libpq, pipelines included.
require 'pg'
$stdout.sync = true
c = PG.connect(application_name: 'ruby')
c.set_notice_processor { |m| puts 'notice' }
puts c.server_version, c.parameter_status('TimeZone'), c.transaction_status
['SELECT * FROM kinds WHERE i2 > 0', 'SELECT id, name, price FROM items WHERE id < 4 ORDER BY id'].each do |sql|
  r = c.exec(sql)
  p r.fields, (0...r.nfields).map { |n| [r.ftype(n), r.ftable(n), r.fformat(n)] }, r.values, r.cmd_status
end
p c.exec_params('SELECT $1::int + 1, $2::text, $3::bytea', [1, "ä'", { value: "\0\xff", format: 1 }], 1).values
c.prepare('p', 'SELECT name FROM items WHERE id = $1')
p (1..3).map { |n| c.exec_prepared('p', [n]).getvalue(0, 0) }, c.describe_prepared('p').paramtype(0)
['SELECT 1/0', 'SELECT nothing_there FROM items', 'SELEC', "INSERT INTO items (id, name) VALUES (1, 'double')"].each do |sql|
  begin
    c.exec(sql)
  rescue PG::Error => e
    puts "error #{e.class} #{e.result.error_field(PG::PG_DIAG_SQLSTATE)} #{e.result.error_field(PG::PG_DIAG_STATEMENT_POSITION)}"
  end
end
c.copy_data('COPY scratch FROM STDIN') { 200.times { |n| c.put_copy_data("#{n}\tx\n") } }
size = 0
c.copy_data('COPY scratch TO STDOUT') { while (row = c.get_copy_data); size += row.size; end }
puts size
begin
  c.copy_data('COPY scratch FROM STDIN') { c.put_copy_data("x\ty\n") }
rescue PG::Error => e
  puts "error #{e.class}"
end
c.send_query('SELECT g FROM generate_series(1, 5) g'); c.set_single_row_mode; c.get_result.stream_each { |r| p r }; c.get_result
c.enter_pipeline_mode
3.times { |n| c.send_query_params('SELECT $1::int', [n]) }; c.send_query_params('SELECT 1/0', []); c.send_query_params('SELECT 9', []); c.pipeline_sync
results = []
loop { r = c.get_result; next if r.nil?; results << r.result_status; (c.get_result; break) if r.result_status == PG::PGRES_PIPELINE_SYNC }
p results
c.exit_pipeline_mode
c.transaction { |t| t.exec('DELETE FROM scratch'); p t.exec('SELECT count(*) FROM scratch').values }
c.exec('LISTEN here'); c.exec("NOTIFY here, 'x'"); c.wait_for_notify(5) { |channel, pid, text| p channel, pid == c.backend_pid, text }
c.exec("SELECT tell('x')"); c.send_query('SELECT pg_sleep(20)'); p c.cancel
begin; c.get_last_result; rescue PG::Error => e; puts "error #{e.class}"; end
c.reset; p c.exec('SELECT 1').values; c.finish

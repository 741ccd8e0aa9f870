"""The names of the metrics that dashboards may ask for, by the job that gives them.

Of a histogram the name without _bucket, _sum and _count.
"""

from collections.abc import Mapping

METRICS: Mapping[str, frozenset[str]] = {
    job: frozenset(names.split())
    for job, names in {
        "": "up ALERTS",
        "api": """
            http_server_request_duration_seconds http_server_active_requests
            gen_ai_client_token_usage gen_ai_client_operation_duration_seconds llm_cost_usd_total cache_lookups_total
            personas_created_total projects_created_total focus_groups_created_total focus_groups_finished_total
            focus_group_duration_seconds focus_groups_waiting focus_groups_running
            db_client_connection_count db_client_connection_max db_client_connection_pending_requests
            users_active store_up api_build_info""",
        "containers": """
            container_cpu_usage_seconds_total container_cpu_cfs_periods_total container_cpu_cfs_throttled_periods_total
            container_memory_working_set_bytes container_memory_usage_bytes container_spec_memory_limit_bytes
            container_spec_cpu_quota container_spec_cpu_period container_network_receive_bytes_total
            container_network_transmit_bytes_total container_fs_reads_bytes_total container_fs_writes_bytes_total
            container_start_time_seconds container_restarts_total container_health_state container_oom_events_total
            container_last_seen container_pids""",
        "neo4j": """
            neo4j_up neo4j_query_seconds neo4j_nodes neo4j_relationships neo4j_connections neo4j_transactions
            neo4j_longest_transaction_seconds neo4j_jvm_heap_used_bytes neo4j_jvm_heap_max_bytes
            neo4j_jvm_gc_seconds_total neo4j_jvm_threads neo4j_gds_graphs neo4j_info""",
        "postgres": """
            pg_up pg_stat_database_numbackends pg_settings_max_connections pg_database_size_bytes
            pg_stat_database_blks_hit pg_stat_database_blks_read pg_stat_database_xact_commit
            pg_stat_database_xact_rollback pg_stat_database_tup_fetched pg_stat_database_tup_inserted
            pg_stat_database_tup_updated pg_stat_database_tup_deleted pg_stat_activity_count
            pg_stat_activity_max_tx_duration pg_stat_database_deadlocks pg_stat_database_temp_bytes
            pg_wal_size_bytes""",
        "redis": """
            redis_up redis_memory_used_bytes redis_memory_max_bytes redis_db_keys redis_connected_clients
            redis_rejected_connections_total redis_uptime_in_seconds redis_commands_total redis_keyspace_hits_total
            redis_keyspace_misses_total redis_expired_keys_total redis_evicted_keys_total""",
        "node": """
            node_cpu_seconds_total node_memory_MemTotal_bytes node_memory_MemAvailable_bytes
            node_filesystem_avail_bytes node_filesystem_size_bytes node_disk_io_time_seconds_total""",
        "edge": """
            haproxy_frontend_http_responses_total haproxy_backend_http_responses_total haproxy_backend_active_servers
            haproxy_backend_current_queue haproxy_backend_response_time_average_seconds
            haproxy_backend_retry_warnings_total""",
        "backup": """
            backup_last_success_timestamp_seconds backup_job_last_success_timestamp_seconds backup_last_run_ok
            backup_duration_seconds backup_size_bytes backup_repository_bytes backup_neo4j_stopped_seconds
            backup_check_last_success_timestamp_seconds backup_copy_last_success_timestamp_seconds
            restore_drill_ok restore_drill_last_success_timestamp_seconds restore_drill_duration_seconds""",
        "blackbox": "probe_success probe_http_duration_seconds probe_ssl_earliest_cert_expiry",
        "prometheus": "prometheus_tsdb_head_series",
        "victorialogs": "vl_rows_ingested_total",
    }.items()
}

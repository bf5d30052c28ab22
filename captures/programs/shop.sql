CREATE TABLE product (id integer PRIMARY KEY, name text NOT NULL, price integer NOT NULL);
CREATE TABLE review (id integer PRIMARY KEY, product_id integer NOT NULL REFERENCES product, stars integer NOT NULL);
INSERT INTO product SELECT n, 'product ' || n, 100 + n FROM generate_series(1, 500) AS n;
INSERT INTO review SELECT n, 1 + n % 500, 1 + n % 5 FROM generate_series(1, 2000) AS n;
